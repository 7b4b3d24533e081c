// The levy by tax period, with its lines and deadlines.
import { download, get, path, segment } from "./api.js";
import { h } from "./dom.js";
import { day, decimal, energy, kwh, money, power, share } from "./format.js";
import { t } from "./text.js";
import { facts, figure, figures, qualityStrip, table } from "./parts.js";
import { energyByDay } from "./chart.js";

const fileOf = (row) => `#/levy/${row.period}/${encodeURIComponent(row.site)}`;
const due = (date) => (date ? day(date) : "–");
const names = (unconfirmed) => unconfirmed.map((fact) => t(`fact.${fact}`)).join(", ");

export function periods() {
  return async () => {
    const { rows } = await get("levy/periods");
    return [
      h("h1", null, t("levy")),
      rows.length === 0 ? h("p", { class: "note" }, t("noEnergy")) : table([
        { label: t("period"), cell: (row) => h("a", { href: fileOf(row) }, row.period) },
        { label: t("site"), cell: (row) => row.siteName ?? row.site },
        { label: t("state"), cell: (row) => t(`period.${row.state}`) },
        { label: t("energy"), number: true, cell: (row) => energy(row.energy.energyKwh) },
        { label: t("estimatedShare"), number: true, wide: true, cell: (row) => share(row.energy.estimatedKwh, row.energy.energyKwh) },
        { label: t("unrated"), number: true, wide: true, cell: (row) => (row.unratedKwh > 0 ? h("span", { class: "warn" }, energy(row.unratedKwh)) : "–") },
        { label: t("amount"), number: true, cell: (row) => money(row.amount, row.currency, 0) },
        { label: t("dueDeclaration"), wide: true, cell: (row) => due(row.declarationDue) },
        { label: t("duePayment"), wide: true, cell: (row) => due(row.paymentDue) },
      ], rows, t("levy")),
    ];
  };
}

export function period([name, site]) {
  return async () => {
    const { rows } = await get(path(`levy/periods/${segment(name)}`, { site }));
    const { period: row, statement } = rows[0];
    const [days, checks] = await Promise.all([
      get(path("levy/totals", { site, from: row.from, to: row.to, group: "day" })),
      get(path("reconciliation", { site, from: row.from, to: row.to })),
    ]);
    return periodView(row, statement, sumByDay(days.rows), checks.rows);
  };
}

function sumByDay(rows) {
  const sums = new Map();
  for (const row of rows) {
    const sum = sums.get(row.day) ?? { day: row.day, energyKwh: 0, registerKwh: 0, integratedKwh: 0, estimatedKwh: 0 };
    for (const part of ["energyKwh", "registerKwh", "integratedKwh", "estimatedKwh"]) {
      sum[part] += row[part];
    }
    sums.set(row.day, sum);
  }
  return [...sums.values()];
}

function periodView(row, statement, days, checks) {
  const exposure = statement.deemedExposure;
  return [
    h("h1", null, `${row.period} · ${row.siteName ?? row.site} `, h("small", { class: "muted" }, t(`period.${row.state}`))),
    figures(
      figure(t("amount"), money(row.amount, row.currency, 0), t("filed")),
      figure(t("energy"), energy(row.energy.energyKwh)),
      figure(t("estimatedShare"), share(row.energy.estimatedKwh, row.energy.energyKwh)),
      figure(t("unrated"), h("span", { class: row.unratedKwh > 0 ? "warn" : "" }, energy(row.unratedKwh))),
      figure(t("dueDeclaration"), due(row.declarationDue), row.deadlineRef),
      figure(t("duePayment"), due(row.paymentDue), row.deadlineRef)),
    row.unconfirmed.length ? h("p", { class: "warn" }, `${t("unconfirmed")}: ${names(row.unconfirmed)}.`) : null,
    h("h2", null, t("lines")),
    table([
      { label: t("line"), cell: (line) => h("code", null, line.code) },
      { label: t("rate"), number: true, cell: (line) => (line.rate === null ? h("span", { class: "warn" }, t("unrated")) : `${decimal(line.rate, 6)} ${line.currency}`) },
      { label: t("legal"), wide: true, cell: (line) => line.legalRef },
      { label: `${t("energy")}, ${energy(0).split(" ")[1]}`, number: true, cell: (line) => kwh(line.energy.energyKwh) },
      { label: t("exact"), number: true, wide: true, cell: (line) => (line.exact === null ? "–" : decimal(line.exact, 9)) },
      { label: t("filed"), number: true, cell: (line) => money(line.amount, line.currency, 0) },
    ], statement.lines, t("lines")),
    h("div", { class: "pager" }, h("button", {
      onclick: () => download(
        path("levy/totals", { site: row.site, from: row.from, to: row.to, group: "device" }), "text/csv", `levy-${row.site}-${row.period}.csv`),
    }, t("downloadCsv"))),
    days.length ? [h("h2", null, t("byDay")), h("div", { class: "panel pad" }, energyByDay(days, row.from, row.to))] : null,
    h("h2", null, t("quality")), qualityStrip(row.energy),
    h("h2", null, t("period")),
    h("div", { class: "panel pad" }, facts(
      [t("payer"), statement.payer ? `${statement.payer.name}, ${statement.payer.bin}` : h("span", { class: "warn" }, t("payerNone"))],
      [t("basis"), t(`basis.${statement.basis}`)],
      [t("gaps"), String(statement.gaps.length)],
      exposure && [t("exposure"), `${money(exposure.amount, exposure.currency, 0)} (${power(exposure.maxPowerKw * 1000)}, ${exposure.legalRef})`])),
    checks.some((check) => check.controlMeterKwh !== null) ? [h("h2", null, t("reconciliation")), table([
      { label: t("day"), cell: (check) => day(check.day) },
      { label: t("controlMeter"), number: true, cell: (check) => energy(check.controlMeterKwh) },
      { label: t("devices"), number: true, cell: (check) => energy(check.devicesKwh) },
      { label: t("difference"), number: true, cell: (check) => energy(check.differenceKwh) },
      { label: "%", number: true, wide: true, cell: (check) => (check.differenceShare === null ? "–" : decimal(check.differenceShare * 100, 2)) },
    ], [...checks].reverse(), t("reconciliation"))] : null,
  ];
}
