// What several views show alike.
import { h } from "./dom.js";
import { count, share } from "./format.js";
import { t } from "./text.js";

export const STATES = ["mining", "idle", "stale", "offline", "unknown"];
export const QUALITIES = ["register", "integrated", "estimated"];

export const figure = (label, value, detail) => h("div", { class: "figure" },
  h("dt", null, label), h("dd", null, h("div", { class: "value" }, value), detail ? h("div", { class: "detail" }, detail) : null));

export const figures = (...items) => h("dl", { class: "figures" }, items);

export const facts = (...items) => h("dl", { class: "facts" },
  items.filter(Boolean).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));

export const state = (name) => h("span", { class: "line" }, h("span", { class: `dot ${name}` }), t(name));

// A bar of parts, and the same in words.
function strip(names, value, label, link) {
  const whole = names.reduce((sum, name) => sum + Math.max(0, value(name)), 0);
  return [
    h("div", { class: "strip", "aria-hidden": "true" },
      names.filter((name) => value(name) > 0).map((name) => h("i", { class: name, style: { width: `${(100 * value(name)) / whole}%` } }))),
    h("ul", { class: "legend" }, names.filter((name) => value(name) > 0 || names === QUALITIES)
      .map((name) => h("li", null, h("span", { class: `dot ${name}` }), link ? h("a", { href: link(name) }, label(name)) : label(name)))),
  ];
}

export const stateStrip = (devices) => strip(STATES, (name) => devices[name],
  (name) => [h("b", null, count(devices[name])), ` ${t(name)}`], (name) => `#/devices?state=${name}`);

export const qualityStrip = (sum) => (sum.energyKwh > 0
  ? strip(QUALITIES, (name) => sum[`${name}Kwh`], (name) => [h("b", null, share(sum[`${name}Kwh`], sum.energyKwh)), ` ${t(name)}`])
  : h("p", { class: "note" }, t("noEnergy")));

/** Columns: {label, cell, number?, wide?}; wide ones are left out on a phone. */
export const table = (columns, rows, caption) => h("div", { class: "panel scroll" }, h("table", { "aria-label": caption },
  h("thead", null, h("tr", null, columns.map((column) => h("th", { scope: "col", class: kind(column) }, column.label)))),
  h("tbody", null, rows.map((row) => h("tr", null, columns.map((column) => h("td", { class: kind(column) }, column.cell(row))))))));

const kind = (column) => [column.number ? "n" : "", column.wide ? "wide" : ""].filter(Boolean).join(" ") || undefined;

export const deviceLink = (site, device) =>
  h("a", { class: "name", href: `#/devices/${encodeURIComponent(site)}/${encodeURIComponent(device)}` }, device);
