// Drawings of a day and of a quarter, as SVG that screen readers are told in words.
import { h, s } from "./dom.js";
import { at, day, energy, hashrate, power } from "./format.js";
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

export function dayChart({ from, to, rows }) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const top = Math.max(...rows.map((row) => row.powerMaxW ?? 0), 1) * 1.05;
  const topHash = Math.max(...rows.map((row) => row.hashrateMeanThs ?? 0), 0) * 1.05;
  const points = rows.map((row) => ({ ...row, x: (WIDTH * (Date.parse(row.at) - start)) / (end - start) }));
  const y = (value) => HEIGHT - ((HEIGHT * value) / top);
  const yHash = (value) => HEIGHT - ((HEIGHT * value) / topHash);
  const widest = Math.max(WIDTH / 100, 3 * Math.min(...points.slice(1).map((point, index) => point.x - points[index].x), WIDTH));
  const measured = stretches(points.filter((point) => point.powerMeanW !== null), widest);
  const hashed = topHash > 0 ? stretches(points.filter((point) => point.hashrateMeanThs !== null), widest) : [];
  return [
    s("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${t("history")}: ${t("power")} ≤ ${power(top / 1.05)}` },
      [0.25, 0.5, 0.75].map((part) => s("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT * part, y2: HEIGHT * part })),
      measured.map((run) => s("path", { class: "band", d: `${line(run, (point) => y(point.powerMaxW))}${line([...run].reverse(), (point) => y(point.powerMinW)).replace(/^M/, "L")}Z` })),
      hashed.map((run) => s("path", { class: "hash", d: line(run, (point) => yHash(point.hashrateMeanThs)) })),
      measured.map((run) => s("path", { class: "mean", d: line(run, (point) => y(point.powerMeanW)) }))),
    h("div", { class: "axis" }, h("span", null, at(from)), h("span", null, at(to))),
    h("ul", { class: "legend" },
      h("li", null, h("span", { class: "key mean" }), `${t("power")} 0 – ${power(top / 1.05)}`),
      topHash > 0 ? h("li", null, h("span", { class: "key hash" }), `${t("hashrate")} 0 – ${hashrate(topHash / 1.05)}`) : null),
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
          const height = (HEIGHT * row[`${quality}Kwh`]) / top;
          y -= height;
          return s("rect", { class: quality, x, y, width: width * 0.82, height });
        }));
      })),
    h("div", { class: "axis" }, h("span", null, day(from)), h("span", null, `≤ ${energy(top)}`), h("span", null, day(new Date(first + ((days - 1) * 86400000)).toISOString().slice(0, 10)))),
  ];
}
