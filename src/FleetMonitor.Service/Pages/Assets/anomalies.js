// What is wrong, since when, how sure, and what shows it.
import { get, path } from "./api.js";
import { h } from "./dom.js";
import { at, decimal, duration, energy, money } from "./format.js";
import { t } from "./text.js";
import { deviceLink } from "./parts.js";

const PAGE = 100;

// Evidence names its unit at its end: power_w.
const UNITS = { w: "W", ths: "TH/s", kwh: "kWh", s: "s", c: "°C", jth: "J/TH" };

function evidence(name, value) {
  const words = name.split("_");
  const unit = typeof value === "number" ? UNITS[words.at(-1)] : undefined;
  const shown = typeof value === "number" ? decimal(value) : /^\d{4}-\d\d-\d\dT/.test(value) ? at(value) : value;
  return h("div", null, h("dt", null, (unit ? words.slice(0, -1) : words).join(" ")), h("dd", null, unit ? `${shown} ${unit}` : shown));
}

export function anomalies(_, query) {
  const active = query.get("show") !== "cleared";
  const limit = Number(query.get("limit")) || PAGE;
  return async () => {
    const list = await get(path("anomalies", { active, limit: Math.min(limit, 1000) }));
    const tab = (name, href, chosen) => h("a", { href, "aria-current": chosen ? "true" : undefined }, t(name));
    return [
      h("h1", null, t("anomalies")),
      h("div", { class: "tabs" }, tab("active", "#/anomalies", active), tab("cleared", "#/anomalies?show=cleared", !active)),
      list.rows.length ? h("div", { class: "panel" }, anomalyRows(list.rows)) : h("p", { class: "note" }, t("nothingWrong")),
      list.next && limit < 1000
        ? h("div", { class: "pager" }, h("a", { href: `#/${path("anomalies", { show: active ? "" : "cleared", limit: limit + PAGE })}` }, t("more")))
        : null,
    ];
  };
}

export const anomalyRows = (rows) => rows.map((row) => h("article", { class: `anomaly ${row.severity}` },
  h("h3", null,
    t(`kind.${row.kind}`),
    row.device ? deviceLink(row.site, row.device) : row.site,
    h("span", null, t(row.severity)),
    h("span", null, row.cleared
      ? `${at(row.raised)} – ${at(row.cleared)}`
      : `${t("since")} ${at(row.raised)} (${duration((Date.now() - Date.parse(row.raised)) / 1000)})`),
    h("span", null, `${t("sure")} ${decimal(row.score, 2)}`),
    row.kwhPerDay > 0 ? h("span", null, `${energy(row.kwhPerDay)} ${t("perDay")}${row.levyPerDay === null ? "" : `, ${money(row.levyPerDay, "KZT", 0)}`}`) : null),
  h("p", null, row.text),
  h("dl", { class: "evidence" }, Object.entries(row.evidence).map(([name, value]) => evidence(name, value)))));
