// All devices, and one of them.
import { ApiError, get, path, segment } from "./api.js";
import { h } from "./dom.js";
import { at, count, day, decimal, duration, efficiency, energy, hashrate, kwh, money, power, temperature } from "./format.js";
import { t } from "./text.js";
import { STATES, deviceLink, facts, figure, figures, state, table } from "./parts.js";
import { anomalyRows } from "./anomalies.js";
import { dayChart } from "./chart.js";

const PAGE = 50;

const goTo = (query) => { location.hash = `#/${path("devices", query)}`; };

export function devices(_, query) {
  const wanted = { site: query.get("site"), state: query.get("state"), search: query.get("search") };
  // Where the pages before began: the way back.
  const trail = query.get("trail")?.split(".") ?? [];
  const after = query.get("after");
  return async () => {
    const [list, fleet] = await Promise.all([get(path("devices", { ...wanted, after, limit: PAGE })), get("fleet")]);
    return [
      h("h1", null, t("devices")),
      tools(wanted, fleet.sites.map((site) => site.site), list.total),
      list.rows.length ? deviceTable(list.rows, fleet.sites.length > 1) : h("p", { class: "note" }, t("noMatch")),
      after || list.next ? h("div", { class: "pager" },
        h("button", { disabled: !after, onclick: () => goTo({ ...wanted, after: trail.at(-1), trail: trail.slice(0, -1).join(".") }) }, t("previous")),
        h("button", { disabled: !list.next, onclick: () => goTo({ ...wanted, after: list.next, trail: after ? [...trail, after].join(".") : "" }) }, t("next"))) : null,
    ];
  };
}

function tools(wanted, sites, total) {
  let typing;
  const choose = (name, any, values, label) => h("select", { "aria-label": any, onchange: (event) => goTo({ ...wanted, [name]: event.target.value }) },
    h("option", { value: "" }, any), values.map((value) => h("option", { value, selected: value === wanted[name] }, label(value))));
  return h("div", { class: "tools", role: "search" },
    h("input", {
      type: "search", placeholder: t("search"), "aria-label": t("search"), value: wanted.search ?? "",
      oninput: (event) => {
        clearTimeout(typing);
        typing = setTimeout(() => goTo({ ...wanted, search: event.target.value }), 350);
      },
    }),
    choose("state", t("anyState"), STATES, t),
    sites.length > 1 ? choose("site", t("anySite"), sites, (site) => site) : null,
    h("span", { class: "muted" }, `${count(total)} ${t("found")}`));
}

const isLive = (row) => row.state === "mining" || row.state === "idle";
const old = (row, text) => (isLive(row) ? text : h("span", { class: "muted" }, text));

const deviceTable = (rows, severalSites) => table([
  { label: t("device"), cell: (row) => [deviceLink(row.site, row.device), row.model ? h("span", { class: "muted wide" }, ` ${row.model}`) : null] },
  severalSites ? { label: t("site"), wide: true, cell: (row) => row.site } : null,
  { label: t("state"), cell: (row) => state(row.state) },
  { label: t("power"), number: true, cell: (row) => old(row, power(row.powerW)) },
  { label: t("hashrate"), number: true, cell: (row) => old(row, hashrate(row.hashrateThs)) },
  { label: t("efficiency"), number: true, wide: true, cell: (row) => old(row, efficiency(row.efficiencyJTh)) },
  { label: t("temperature"), number: true, wide: true, cell: (row) => old(row, temperature(row.temperatureC)) },
  { label: t("age"), number: true, wide: true, cell: (row) => duration(row.ageS) },
  { label: t("energyToday"), number: true, wide: true, cell: (row) => energy(row.energyToday.energyKwh) },
  { label: t("levyToday"), number: true, wide: true, cell: (row) => money(row.levyToday, row.currency) },
  { label: t("levyPeriod"), number: true, wide: true, cell: (row) => money(row.levyThisPeriod, row.currency) },
].filter(Boolean), rows, t("devices"));

const HOURS = [1, 6, 24, 168];

export function device([site, name], query) {
  const where = `devices/${segment(site)}/${segment(name)}`;
  let hours = Number(query.get("hours")) || 0;
  let readings;
  let readAt = 0;
  return async () => {
    let one;
    try {
      // The past changes slowly: it is asked for less often the more of it is shown.
      const again = Date.now() - readAt > (hours === 1 ? 5000 : 30000);
      [one, readings] = await Promise.all([get(where), again ? get(`${where}/readings?hours=${hours || 24}&points=360`) : readings]);
      if (hours === 0) {
        // A device that is new here is shown closer.
        const seen = readings.rows.length ? (Date.parse(readings.to) - Date.parse(readings.rows[0].at)) / 3600000 : 24;
        hours = HOURS.find((span) => seen <= span) ?? 24;
        readings = hours === 24 ? readings : await get(`${where}/readings?hours=${hours}&points=360`);
      }
      readAt = again ? Date.now() : readAt;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return [h("h1", null, name), h("p", { class: "note" }, t("gone"))];
      }
      throw error;
    }
    const wrong = await get(path("anomalies", { site, device: name, limit: 10 }));
    return deviceView(one, readings, hours, wrong.rows);
  };
}

function deviceView({ device: row, nameplate, fedBy, rack, importPermit, days, gaps, events }, readings, hours, wrong) {
  const here = `#/devices/${encodeURIComponent(row.site)}/${encodeURIComponent(row.device)}`;
  return [
    h("h1", null, row.device, " ", h("small", { class: "muted" }, state(row.state), ` · ${row.site}`)),
    figures(
      figure(t("power"), old(row, power(row.powerW)), row.status ? `${t("status")}: ${row.status}` : null),
      figure(t("hashrate"), old(row, hashrate(row.hashrateThs)), row.efficiencyJTh === null ? null : efficiency(row.efficiencyJTh)),
      figure(t("temperature"), old(row, temperature(row.temperatureC))),
      figure(t("lastReading"), duration(row.ageS), at(row.readingAt)),
      figure(t("levyToday"), money(row.levyToday, row.currency), energy(row.energyToday.energyKwh)),
      figure(t("levyPeriod"), money(row.levyThisPeriod, row.currency), energy(row.energyThisPeriod.energyKwh))),
    h("h2", null, t("history"), HOURS.map((span) =>
      h("a", { class: "choice", href: `${here}?hours=${span}`, "aria-current": span === hours ? "true" : undefined }, `${span} ${t("hour")}`))),
    readings.rows.length ? h("div", { class: "panel pad" }, dayChart(readings)) : h("p", { class: "note" }, t("noReadings")),
    wrong.length ? [h("h2", null, t("anomalies")), h("div", { class: "panel" }, anomalyRows(wrong))] : null,
    h("h2", null, t("device")),
    h("div", { class: "panel pad" }, facts(
      [t("role"), row.role ? t(`role.${row.role}`) : h("span", { class: row.registration === "unregistered" ? "warn" : "muted" }, t(`registration.${row.registration}`))],
      [t("model"), row.model ?? "–"],
      [t("tenant"), row.tenant ?? "–"],
      [t("billing"), t(`billing.${row.billing}`)],
      [t("registerNow"), row.registerKwh === null ? "–" : energy(row.registerKwh)],
      nameplate && [t("nameplate"), `${power(nameplate.powerW)}${nameplate.hashrateThs === null ? "" : `, ${hashrate(nameplate.hashrateThs)}`}`],
      rack && [t("rack"), h("a", { href: `#/devices?${new URLSearchParams({ site: row.site, search: rack })}` }, rack)],
      fedBy && [t("fedBy"), deviceLink(row.site, fedBy)],
      importPermit && [t("permit"), importPermit])),
    days.length ? [h("h2", null, t("days")), dayTable(days)] : null,
    gaps.length ? [h("h2", null, t("gaps")), table([
      { label: t("from"), cell: (gap) => at(gap.from) },
      { label: t("to"), cell: (gap) => at(gap.to) },
      { label: t("why"), cell: (gap) => t(`gap.${gap.reason}`) },
    ], gaps, t("gaps"))] : null,
    events.length ? [h("h2", null, t("events")), table([
      { label: t("from"), cell: (event) => at(event.at) },
      { label: t("why"), cell: (event) => t(`event.${event.kind}`) },
      { label: t("before"), number: true, cell: (event) => decimal(event.beforeKwh) },
      { label: t("after"), number: true, cell: (event) => decimal(event.afterKwh) },
    ], events, t("events"))] : null,
  ];
}

const dayTable = (days) => table([
  { label: t("day"), cell: (row) => day(row.day) },
  { label: `${t("energy")}, ${energy(0).split(" ")[1]}`, number: true, cell: (row) => kwh(row.energy.energyKwh) },
  { label: t("register"), number: true, wide: true, cell: (row) => kwh(row.energy.registerKwh) },
  { label: t("integrated"), number: true, wide: true, cell: (row) => kwh(row.energy.integratedKwh) },
  { label: t("estimated"), number: true, cell: (row) => kwh(row.energy.estimatedKwh) },
], [...days].reverse(), t("days"));
