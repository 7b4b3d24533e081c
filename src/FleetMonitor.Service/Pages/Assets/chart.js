// Drawings of a day and of a quarter, as SVG that screen readers are told in words.
import { h, s } from "./dom.js";
import { at, day, energy, hashrate, power, temperature } from "./format.js";
import { t } from "./text.js";
import { QUALITIES } from "./parts.js";

const WIDTH = 1000;
const HEIGHT = 170;

// Points that follow each other closely are one line; where readings are missing, the line is.
function stretches(points, width) {
  const runs = [];
  for (const point of points) {
    const run = runs.at(-1);
    if (run && point.x - run.at(-1).x <= width) {
      run.push(point);
    } else {
      runs.push([point]);
    }
  }
  return runs;
}

const line = (run, y) => run.map((point, index) => `${index ? "L" : "M"}${point.x.toFixed(1)} ${y(point).toFixed(1)}`).join("")
  + (run.length === 1 ? "h1" : "");

// Where nothing comes near zero, the axis begins higher: a change of a percent is what somebody looks for. Both its ends are written.
function axisOf(values) {
  const [least, most] = [Math.min(...values), Math.max(...values, 1e-9)];
  const room = Math.max(most - least, most * 0.02) * 0.15;
  return { from: least > most / 2 ? Math.max(0, least - room) : 0, to: most + room };
}

const ticks = (from, to) => h("div", { class: "axis" }, [0, 0.25, 0.5, 0.75, 1].map((part) => h("span", { class: part % 0.5 ? "wide" : "" }, at(from + (part * (to - from))))));

function lines(name, kind, format, { points, widest, mean, least = mean, most = mean }) {
  const measured = points.filter((point) => point[mean] !== null && point[mean] !== undefined);
  if (measured.length === 0) {
    return null;
  }
  const axis = axisOf(measured.flatMap((point) => [point[least], point[most]]));
  const y = (value) => HEIGHT * (1 - ((value - axis.from) / (axis.to - axis.from)));
  const runs = stretches(measured, widest);
  const values = measured.map((point) => point[mean]);
  return h("figure", { class: "plot" },
    h("figcaption", null, h("span", { class: `key ${kind}` }), name, " ", h("span", { class: "muted" }, `${format(Math.min(...values))} – ${format(Math.max(...values))}`)),
    h("div", { class: "plotted" },
      h("div", { class: "ends", "aria-hidden": "true" }, h("span", null, format(axis.to)), h("span", null, format(axis.from))),
      s("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${name}: ${format(Math.min(...values))} – ${format(Math.max(...values))}` },
        [0, 0.25, 0.5, 0.75, 1].map((part) => s("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT * part, y2: HEIGHT * part })),
        least === mean ? null : runs.map((run) => s("path", { class: "band", d: `${line(run, (point) => y(point[most]))}${line([...run].reverse(), (point) => y(point[least])).replace(/^M/, "L")}Z` })),
        runs.map((run) => s("path", { class: kind, d: line(run, (point) => y(point[mean])) })))));
}

export function dayChart({ from, to, rows }) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const points = rows.map((row) => ({ ...row, x: (WIDTH * (Date.parse(row.at) - start)) / (end - start) }));
  const widest = Math.max(WIDTH / 100, 3 * Math.min(...points.slice(1).map((point, index) => point.x - points[index].x), WIDTH));
  return [
    lines(t("power"), "mean", power, { points, widest, mean: "powerMeanW", least: "powerMinW", most: "powerMaxW" }),
    lines(t("hashrate"), "hash", hashrate, { points, widest, mean: "hashrateMeanThs" }),
    lines(t("temperature"), "heat", temperature, { points, widest, mean: "temperatureMaxC" }),
    ticks(start, end),
  ];
}

/** Rows: {day, energyKwh, registerKwh, …}; days between `from` and `to` without a row stay empty. */
export function energyByDay(rows, from, to) {
  const first = Date.parse(`${from}T00:00:00Z`);
  const days = Math.round((Date.parse(`${to}T00:00:00Z`) - first) / 86400000);
  const top = Math.max(...rows.map((row) => row.energyKwh), 1e-9);
  const width = WIDTH / days;
  return [
    s("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${t("byDay")}: ≤ ${energy(top)}` },
      rows.map((row) => {
        const x = width * Math.round((Date.parse(`${row.day}T00:00:00Z`) - first) / 86400000);
        let y = HEIGHT;
        return s("g", null, s("title", null, `${day(row.day)}: ${energy(row.energyKwh)}`), QUALITIES.map((quality) => {
          // What was taken off by hand can leave less than nothing of a quality: that has no height.
          const height = (HEIGHT * Math.max(0, row[`${quality}Kwh`])) / top;
          y -= height;
          return s("rect", { class: quality, x, y, width: width * 0.82, height });
        }));
      })),
    h("div", { class: "axis" }, h("span", null, day(from)), h("span", null, `≤ ${energy(top)}`), h("span", null, day(new Date(first + ((days - 1) * 86400000)).toISOString().slice(0, 10)))),
  ];
}
