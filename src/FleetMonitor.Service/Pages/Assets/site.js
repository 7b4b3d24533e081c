// One site: its map by state or by a value, and the racks that need somebody.
import { get, path } from "./api.js";
import { h } from "./dom.js";
import { count, decimal, efficiency, energy, hashrate, money, power, share } from "./format.js";
import { t } from "./text.js";
import { figure, figures, stateStrip, table } from "./parts.js";
import { FleetMap } from "./map.js";
import { MEASURES, legend } from "./heat.js";
import { groupsOf } from "./racks.js";
import { anomalyRows } from "./anomalies.js";

const WORST = 12;

/** What both the fleet's page and a site's need of the map, asking for the names only when they have changed. */
export function mapSource() {
  let roster;
  return async (measure) => {
    const [map, names] = await Promise.all([get(path("fleet/map", { show: measure })), roster ?? get("fleet/roster")]);
    roster = names.roster === map.roster ? names : await get("fleet/roster");
    return map.sites.filter((site) => site.states.length > 0).map((site) => ({
      ...site,
      roster: roster.sites.find((candidate) => candidate.site === site.site) ?? { devices: [], racks: [], rackOf: [] },
      heat: site.heat && { ...site.heat, measure },
    }));
  };
}

export function site([id], query) {
  const measure = query.get("show") in MEASURES ? query.get("show") : undefined;
  const source = mapSource();
  let map;
  return async () => {
    const [now, sites, wrong] = await Promise.all([get("fleet"), source(measure), get(path("anomalies", { active: true, site: id, limit: 5 }))]);
    const row = now.sites.find((candidate) => candidate.site === id);
    const drawn = sites.find((candidate) => candidate.site === id);
    if (!row || !drawn) {
      return [h("h1", null, id), h("p", { class: "note" }, t("noDevicesHere"))];
    }
    map ??= new FleetMap(id, 0.72);
    map.update(drawn.roster, drawn.states, drawn.heat);
    return [
      h("h1", null, row.name ?? id, " ", h("small", { class: "muted" }, `${row.period} · ${row.timeZone ?? ""}`)),
      siteFigures(row),
      h("section", null, h("h2", null, t("states")), stateStrip(row.devices)),
      h("h2", null, t("map"), choices(id, measure), h("small", null, t("mapPoint"))),
      map.element,
      drawn.heat ? legend(measure, drawn.heat) : null,
      worstRacks(id, drawn),
      h("h2", null, t("activeAnomalies"), wrong.rows.length ? h("a", { href: "#/anomalies" }, t("all")) : null),
      wrong.rows.length ? h("div", { class: "panel" }, anomalyRows(wrong.rows)) : h("p", { class: "note" }, t("nothingWrong")),
    ];
  };
}

const choices = (id, chosen) => h("span", { class: "choices" }, [undefined, ...Object.keys(MEASURES)].map((measure) => h("a", {
  class: "choice", href: `#/sites/${encodeURIComponent(id)}${measure ? `?show=${measure}` : ""}`, "aria-current": measure === chosen ? "true" : undefined,
}, t(measure ?? "state"))));

function siteFigures(row) {
  const { currency } = row.today;
  return figures(
    figure(t("power"), power(row.powerW), `${count(row.devices.mining + row.devices.idle)} / ${count(row.devices.total)} ${t("live")}`),
    figure(t("hashrate"), hashrate(row.hashrateThs)),
    figure(t("efficiency"), efficiency(row.efficiencyJTh)),
    figure(t("levyToday"), money(row.today.amount, currency), energy(row.today.energyKwh)),
    figure(t("levyPeriod"), h("a", { href: `#/levy/${row.period}/${encodeURIComponent(row.site)}` }, money(row.thisPeriod.amount, currency)), energy(row.thisPeriod.energyKwh)),
    figure(t("rate"), row.rate?.perKwh === null || !row.rate ? h("span", { class: "warn" }, t("unrated")) : `${decimal(row.rate.perKwh)} ${currency}`, row.rate?.legalRef));
}

function worstRacks(id, { roster, states }) {
  const racks = groupsOf(roster).filter((group) => group.rack !== null).map(({ name, devices }) => {
    const sum = { name, total: devices.length, m: 0, i: 0, s: 0, o: 0, u: 0 };
    devices.forEach((index) => { sum[states[index]] += 1; });
    return { ...sum, wrong: sum.o + sum.s + sum.i };
  });
  const worst = racks.filter((rack) => rack.wrong > 0).sort((a, b) => b.wrong - a.wrong || b.o - a.o).slice(0, WORST);
  if (worst.length === 0) {
    return null;
  }
  return [h("h2", null, t("worstRacks")), table([
    { label: t("rack"), cell: (rack) => (rack.name ? h("a", { class: "name", href: `#/devices?${new URLSearchParams({ site: id, search: rack.name })}` }, rack.name) : t("noRack")) },
    { label: t("devices"), number: true, cell: (rack) => count(rack.total) },
    { label: t("mining"), number: true, cell: (rack) => share(rack.m, rack.total) },
    { label: t("idle"), number: true, wide: true, cell: (rack) => count(rack.i) },
    { label: t("stale"), number: true, cell: (rack) => count(rack.s) },
    { label: t("offline"), number: true, cell: (rack) => h("span", { class: rack.o ? "bad" : "" }, count(rack.o)) },
  ], worst, t("worstRacks"))];
}
