// The fleet as it is now.
import { get } from "./api.js";
import { h } from "./dom.js";
import { count, decimal, efficiency, energy, hashrate, money, power } from "./format.js";
import { t } from "./text.js";
import { figure, figures, qualityStrip, stateStrip, table } from "./parts.js";
import { FleetMap } from "./map.js";
import { mapSource } from "./site.js";
import { anomalyRows } from "./anomalies.js";

const siteAddress = (id) => `#/sites/${encodeURIComponent(id)}`;

export function fleet() {
  const maps = new Map();
  const source = mapSource();
  return async () => {
    const [now, drawn, wrong] = await Promise.all([get("fleet"), source(), get("anomalies?active=true&limit=5")]);
    const currency = now.today.currency;
    return [
      figures(
        figure(t("power"), power(now.powerW), `${count(now.devices.mining + now.devices.idle)} / ${count(now.devices.total)} ${t("live")}`),
        figure(t("hashrate"), hashrate(now.hashrateThs)),
        figure(t("efficiency"), efficiency(now.efficiencyJTh)),
        figure(t("levyToday"), money(now.today.amount, currency), energy(now.today.energyKwh)),
        figure(t("levyPeriod"), money(now.thisPeriod.amount, currency), energy(now.thisPeriod.energyKwh)),
        figure(t("unrated"), h("span", { class: now.thisPeriod.unratedKwh > 0 ? "warn" : "" }, energy(now.thisPeriod.unratedKwh)),
          now.thisPeriod.unratedKwh > 0 ? t("quarter") : t("unratedNone"))),
      now.devices.total === 0 ? h("p", { class: "note" }, t("noDevices")) : [
        h("div", { class: "split" },
          h("section", null, h("h2", null, t("states")), stateStrip(now.devices)),
          h("section", null, h("h2", null, t("quality")), qualityStrip(now.thisPeriod))),
        h("h2", null, t("map"), h("small", null, t("mapPoint"))),
        drawn.map((site) => [
          h("div", { class: "mapname" }, h("a", { href: siteAddress(site.site) }, site.roster.name ?? site.site)),
          mapOf(maps, site),
        ]),
      ],
      h("h2", null, t("activeAnomalies"), wrong.rows.length ? h("a", { href: "#/anomalies" }, t("all")) : null),
      wrong.rows.length ? h("div", { class: "panel" }, anomalyRows(wrong.rows)) : h("p", { class: "note" }, t("nothingWrong")),
      now.sites.length ? [h("h2", null, t("sites")), siteTable(now.sites, currency)] : null,
    ];
  };
}

function mapOf(maps, site) {
  if (!maps.has(site.site)) {
    maps.set(site.site, new FleetMap(site.site, 0.6));
  }
  const view = maps.get(site.site);
  view.update(site.roster, site.states, null);
  return view.element;
}

const siteTable = (sites, currency) => table([
  { label: t("site"), cell: (site) => [h("a", { href: siteAddress(site.site) }, site.name ?? site.site), " ", h("span", { class: "muted wide" }, site.period)] },
  { label: t("rate"), wide: true, cell: (site) => (site.rate?.perKwh === null || !site.rate
    ? h("span", { class: "warn" }, t("unrated"))
    : [`${decimal(site.rate.perKwh)} ${currency} ${t("perKwh")} `, h("span", { class: "muted" }, site.rate.legalRef)]) },
  { label: t("devices"), number: true, wide: true, cell: (site) => `${count(site.devices.mining)} / ${count(site.devices.total)}` },
  { label: t("power"), number: true, cell: (site) => power(site.powerW) },
  { label: t("efficiency"), number: true, wide: true, cell: (site) => efficiency(site.efficiencyJTh) },
  { label: t("today"), number: true, cell: (site) => money(site.today.amount, currency) },
  { label: t("quarter"), number: true, cell: (site) => money(site.thisPeriod.amount, currency) },
], sites, t("sites"));
