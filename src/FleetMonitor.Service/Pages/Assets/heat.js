// Colours of a value between two ends: more ink where somebody should look.
import { h } from "./dom.js";
import { efficiency, hashrate, power, temperature } from "./format.js";
import { t } from "./text.js";

export const LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
export const MEASURES = { temperature, efficiency, hashrate, power };

// Little hash rate is what to look at; of everything else it is much.
const LOW_IS_WORSE = new Set(["hashrate"]);
const LIGHT = [[243, 234, 208], [245, 194, 100], [236, 138, 54], [200, 67, 43], [122, 16, 34]];
const DARK = [[50, 42, 44], [104, 42, 44], [190, 62, 43], [240, 148, 64], [255, 226, 140]];

const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

/** A colour for each level, as a canvas takes it. */
export function ramp(measure) {
  const stops = dark() ? DARK : LIGHT;
  const colours = [...LEVELS].map((_, level) => {
    const place = (level / (LEVELS.length - 1)) * (stops.length - 1);
    const [from, part] = [Math.min(Math.floor(place), stops.length - 2), place - Math.min(Math.floor(place), stops.length - 2)];
    return `rgb(${stops[from].map((value, channel) => Math.round(value + (part * (stops[from + 1][channel] - value)))).join(",")})`;
  });
  return LOW_IS_WORSE.has(measure) ? colours.reverse() : colours;
}

/** About what a device's letter stands for; null where it has no live value. */
export function valueOf(heat, index) {
  const level = LEVELS.indexOf(heat.values[index]);
  return level < 0 ? null : heat.low + ((level / (LEVELS.length - 1)) * (heat.high - heat.low));
}

export const legend = (measure, heat) => h("div", { class: "scale" },
  h("span", null, `≤ ${MEASURES[measure](heat.low)}`),
  h("div", { class: "ramp", "aria-hidden": "true" }, ramp(measure).filter((_, level) => level % 4 === 0).map((colour) => h("i", { style: { background: colour } }))),
  h("span", null, `≥ ${MEASURES[measure](heat.high)}`),
  h("span", { class: "muted" }, h("span", { class: "dot none" }), t("noLiveValue")));
