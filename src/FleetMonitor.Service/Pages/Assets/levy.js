// The levy by tax period, with its lines and deadlines.
import { download, get, path, post, segment } from "./api.js";
import { h } from "./dom.js";
import { at, day, decimal, energy, kwh, money, power, share } from "./format.js";
import { t } from "./text.js";
import { facts, figure, figures, qualityStrip, table } from "./parts.js";
import { energyByDay } from "./chart.js";
import { ask, field, personInput } from "./dialog.js";

const due = (date) => (date ? day(date) : "–");
const names = (unconfirmed) => unconfirmed.map((fact) => t(`fact.${fact}`)).join(", ");
const amounts = (row) => (row.amounts.length ? row.amounts.map((sum) => money(sum.amount, sum.currency, 0)).join(" + ") : "–");
const unrated = (row) => (row.unratedEnergy.energyKwh > 0 ? h("span", { class: "warn" }, energy(row.unratedEnergy.energyKwh)) : energy(0));
const estimated = (row) => share(row.estimatedShare * row.energy.energyKwh, row.energy.energyKwh);
// What is filed in all, amended returns included; before that, the draft. What is not filed is never in it.
const standing = (row) => row.filed ?? row;
const sums = (differences) => differences.map((sum) => money(sum.amount, sum.currency, 0)).join(" + ");
// Which part of a period is filed and which is not, beside its state.
const parts = (row) => [
  row.filed?.amendments ? h("small", { class: "muted" }, ` · ${t("amendmentsFiled")}: ${row.filed.amendments}`) : null,
  row.pending ? h("small", { class: "warn" }, ` · ${t("notFiled")}: ${sums(row.pending.differences)}`) : null,
];

export function periods() {
  return async () => {
    const { rows } = await get("levy/periods");
    return [
      h("h1", null, t("levy")),
      rows.length === 0 ? h("p", { class: "note" }, t("noEnergy")) : table([
        { label: t("period"), cell: (row) => h("a", { href: `#/levy/${row.period}/${encodeURIComponent(row.site)}` }, row.period) },
        { label: t("site"), cell: (row) => row.site },
        { label: t("state"), cell: (row) => [t(`period.${row.state}`), parts(row)] },
        { label: t("energy"), number: true, wide: true, cell: (row) => energy(standing(row).energy.energyKwh) },
        { label: t("estimatedShare"), number: true, wide: true, cell: (row) => estimated(standing(row)) },
        { label: t("unrated"), number: true, wide: true, cell: (row) => unrated(standing(row)) },
        { label: t("amount"), number: true, cell: (row) => amounts(standing(row)) },
        { label: t("dueDeclaration"), wide: true, cell: (row) => due(row.deadlines?.declaration) },
        { label: t("duePayment"), cell: (row) => due(row.deadlines?.payment) },
      ], [...rows].reverse(), t("levy")),
    ];
  };
}

// What became of a close, by period: it outlives the view, which starts anew after it.
const outcomes = new Map();

export function period([name, site]) {
  const key = `${name}/${site}`;
  return async () => {
    const [row, me] = await Promise.all([get(path(`levy/periods/${segment(name)}`, { site })), get("me")]);
    const [days, checks] = await Promise.all([
      get(path("levy/totals", { site, from: row.from, to: row.to, group: "day" })),
      get(path("reconciliation", { site, from: row.from, to: row.to })),
    ]);
    const close = async (body) => {
      const filed = await post(`levy/periods/${segment(name)}/close`, { site, ...body });
      outcomes.set(key, () => h("p", { role: "status" }, `${t("closedBy")} ${body.by}; ${t("hash")} `, h("code", null, filed.hash)));
      dispatchEvent(new Event("hashchange"));
    };
    return [
      periodView(row, site, sumByDay(days.rows)), closing(row, me, close), outcomes.get(key)?.(), reconciliation(checks.rows),
    ];
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

function periodView(row, site, days) {
  const exposure = row.deemedExposure;
  return [
    h("h1", null, `${row.period} · ${row.siteName ?? site} `, h("small", { class: "muted" }, t(`period.${row.state}`)), parts(row)),
    figures(
      figure(t("amount"), amounts(standing(row)), row.filed?.amendments ? `${t("firstFiled")} ${amounts(row)}` : row.hash ? t("period.closed") : t("filed")),
      row.pending ? figure(t("notFiled"), h("span", { class: "warn" }, sums(row.pending.differences))) : null,
      figure(t("energy"), energy(standing(row).energy.energyKwh), byHand(standing(row))),
      figure(t("estimatedShare"), estimated(standing(row))),
      figure(t("unrated"), unrated(standing(row))),
      figure(t("dueDeclaration"), due(row.deadlines?.declaration), row.deadlines?.legalRef),
      figure(t("duePayment"), due(row.deadlines?.payment), row.deadlines?.legalRef)),
    row.unconfirmed.length ? h("p", { class: "warn" }, `${t("unconfirmed")}: ${names(row.unconfirmed)}.`) : null,
    h("h2", null, t("lines")), lineTable(row.lines),
    h("div", { class: "pager" }, ["csv", "xlsx", "html"].map((format) => h("button", {
      onclick: () => download(path(`levy/periods/${row.period}/export`, { site, format }), "*/*", `${site}-${row.period}.${format}`),
    }, format.toUpperCase())), h("button", {
      onclick: () => download(path("levy/totals", { site, from: row.from, to: row.to, group: "device" }), "text/csv", `${site}-${row.period}-devices.csv`),
    }, t("downloadCsv"))),
    days.length ? [h("h2", null, t("byDay")), h("div", { class: "panel pad" }, energyByDay(days, row.from, row.to))] : null,
    h("h2", null, t("quality")), qualityStrip(standing(row).energy),
    row.pending ? [h("h2", null, t("pending"), h("small", { class: "warn" }, t("notFiled"))), differenceTable(row.pending.lines)] : null,
    row.amendments.map((amendment) => [
      h("h2", null, `${t("amendment")} ${amendment.number}`, h("small", null, `${at(amendment.closed.at)}, ${amendment.closed.by}`)),
      differenceTable(amendment.lines)]),
    h("h2", null, t("period")),
    h("div", { class: "panel pad" }, facts(
      [t("payer"), row.payer ? `${row.payer.name}, ${row.payer.bin}` : h("span", { class: "warn" }, t("payerNone"))],
      [t("basis"), t(`basis.${row.basis}`)],
      [t("gaps"), String(row.gaps.length)],
      exposure && [t("exposure"), `${money(exposure.amount, exposure.currency, 0)} (${power(exposure.maxPowerKw * 1000)}, ${exposure.legalRef})`],
      row.closed && [t("closedBy"), `${row.closed.by}, ${at(row.closed.at)}`],
      row.hash && [t("hash"), h("code", null, row.hash)])),
  ];
}

const reconciliation = (checks) => (checks.some((check) => check.controlMeterKwh !== null) ? [h("h2", null, t("reconciliation")), table([
  { label: t("day"), cell: (check) => day(check.day) },
  { label: t("controlMeter"), number: true, cell: (check) => energy(check.controlMeterKwh) },
  { label: t("devices"), number: true, cell: (check) => energy(check.devicesKwh) },
  { label: t("difference"), number: true, cell: (check) => energy(check.differenceKwh) },
  { label: "%", number: true, wide: true, cell: (check) => (check.differenceShare === null ? "–" : decimal(check.differenceShare * 100, 2)) },
], [...checks].reverse(), t("reconciliation"))] : null);

const byHand = (row) => (row.energy.manualKwh === undefined ? null : `${t("byHand")} ${energy(row.energy.manualKwh)}`);

const rateOf = (line) => (line.rate === null ? (line.kind === "energy" ? h("span", { class: "warn" }, t("unrated")) : "–") : `${decimal(line.rate, 6)} ${line.currency}`);

// Who decided what, when it was booked and for which day; a line that nobody decided about has nothing.
const why = (line) => (line.decisions?.length
  ? line.decisions.map((decision) => h("div", null, `${decision.by}: ${decision.reason} `,
    h("small", { class: "muted" }, `${at(decision.bookedAt)} → ${day(decision.day)}${decision.device ? `, ${decision.device}` : ""}`)))
  : [line.by, ...(line.by ? line.reasons : [])].filter(Boolean).join(": "));

const lineTable = (lines) => table([
  { label: t("line"), cell: (line) => h("code", null, line.code) },
  { label: t("rate"), number: true, cell: rateOf },
  { label: t("legal"), wide: true, cell: (line) => line.legalRef },
  { label: t("whoAndWhy"), wide: true, cell: why },
  { label: `${t("energy")}, ${energy(0).split(" ")[1]}`, number: true, cell: (line) => kwh(line.energy.energyKwh) },
  { label: t("exact"), number: true, wide: true, cell: (line) => (line.exact === null ? "–" : decimal(line.exact, 9)) },
  { label: t("filed"), number: true, cell: (line) => money(line.amount, line.currency, 0) },
], lines, t("lines"));

const differenceTable = (lines) => table([
  { label: t("line"), cell: (line) => h("code", null, line.code) },
  { label: t("before"), number: true, cell: (line) => money(line.before, line.currency, 0) },
  { label: t("after"), number: true, cell: (line) => money(line.amount, line.currency, 0) },
  { label: `${t("difference")}, ${energy(0).split(" ")[1]}`, number: true, wide: true, cell: (line) => kwh(line.energyDifference.energyKwh) },
  { label: t("difference"), number: true, cell: (line) => money(line.difference, line.currency, 0) },
  { label: t("whoAndWhy"), wide: true, cell: why },
], lines, t("difference"));

// Closing is for a named person with a key of the role finance; everybody else is told so.
function closing(row, me, close) {
  const amend = row.hash !== null;
  if (amend && !row.pending) {
    return null;
  }
  const title = amend ? t("fileAmendment") : t("closePeriod");
  if (me.role !== "finance") {
    return [h("h2", null, title), h("p", { class: "note" }, t("closeNeedsKey"))];
  }
  const question = () => ask({
    title: `${title}: ${row.period}, ${row.siteName ?? row.site}`,
    body: [
      h("p", null, `${t("closeSummary")}: `, h("b", null, amend ? sums(row.pending.differences) : `${amounts(row)} · ${energy(row.energy.energyKwh)}, ${t("estimatedShare").toLowerCase()} ${estimated(row)}`)),
      row.unconfirmed.length ? h("p", { class: "warn" }, `${t("unconfirmed")}: ${names(row.unconfirmed)}.`) : null,
      h("p", null, t("closeWarning")),
      field(t("yourName"), personInput()),
      h("label", null, h("input", { type: "checkbox", name: "force" }), ` ${t("closeForce")}`),
    ],
    action: title,
    kind: "danger",
    act: ({ by, force }) => close({ by, force, amend }),
  });
  return [h("h2", null, title), h("div", { class: "panel pad tools" }, h("button", { class: "danger", onclick: question }, `${title}…`), h("span", { class: "muted" }, t("closeWarning")))];
}
