// A site's devices on a canvas: one cell each, coloured by state, as large as the room allows. 55,000 fit at a glance.
import { h, show } from "./dom.js";
import { count } from "./format.js";
import { t } from "./text.js";
import { deviceLink } from "./parts.js";

const NAMES = { m: "mining", i: "idle", s: "stale", o: "offline", u: "unknown" };
const LARGEST = 18;
const SMALLEST = 2;
const GAP_FROM = 5;

export class FleetMap {
  constructor(site) {
    this.site = site;
    this.cursor = -1;
    this.canvas = h("canvas", {
      tabindex: "0", role: "img",
      onpointermove: (event) => this.point(event),
      onpointerleave: () => this.select(-1),
      onpointerdown: (event) => this.point(event),
      onclick: (event) => { if (event.pointerType !== "touch") { this.open(); } },
      onkeydown: (event) => this.key(event),
    });
    this.line = h("div", { class: "mapline" });
    this.element = h("div", { class: "panel map", keep: `map-${site}` }, this.canvas, this.line);
    this.names = [];
    this.states = "";
    new ResizeObserver(() => this.draw()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  update(names, states, title) {
    [this.names, this.title] = [names, title];
    if (states !== this.states) {
      this.states = states;
      this.draw();
    }
    this.describe();
  }

  // The largest cell with which all devices fit the height that is left on the screen.
  layout(width) {
    const height = Math.max(220, Math.min(innerHeight * 0.62, 640));
    for (let size = LARGEST; size > SMALLEST; size -= 1) {
      const columns = Math.floor(width / size);
      if (Math.ceil(this.states.length / columns) * size <= height) {
        return { size, columns };
      }
    }
    return { size: SMALLEST, columns: Math.floor(width / SMALLEST) };
  }

  draw() {
    const width = this.canvas.clientWidth;
    if (width === 0 || this.states.length === 0) {
      return;
    }
    const { size, columns } = this.layout(width);
    [this.size, this.columns] = [size, columns];
    const height = Math.ceil(this.states.length / columns) * size;
    const scale = devicePixelRatio || 1;
    const [pixels, lines] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== pixels || this.canvas.height !== lines) {
      this.canvas.width = pixels;
      this.canvas.height = lines;
      this.canvas.style.height = `${height}px`;
    }
    const paint = this.canvas.getContext("2d");
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.clearRect(0, 0, width, height);
    const style = getComputedStyle(document.documentElement);
    const gap = size >= GAP_FROM ? 1 : 0;
    for (const [letter, name] of Object.entries(NAMES)) {
      paint.fillStyle = style.getPropertyValue(`--${name}`);
      this.fill(paint, letter, size, columns, gap);
    }
    if (this.cursor >= 0) {
      const [x, y] = [(this.cursor % columns) * size, Math.floor(this.cursor / columns) * size];
      paint.strokeStyle = style.getPropertyValue("--ink");
      paint.lineWidth = 2;
      paint.strokeRect(x - 1, y - 1, size + 2 - gap, size + 2 - gap);
    }
  }

  // Neighbours of one state are one rectangle where cells touch.
  fill(paint, letter, size, columns, gap) {
    const { states } = this;
    for (let index = states.indexOf(letter); index >= 0; index = states.indexOf(letter, index)) {
      const column = index % columns;
      let run = 1;
      while (gap === 0 && column + run < columns && states[index + run] === letter) {
        run += 1;
      }
      paint.fillRect(column * size, Math.floor(index / columns) * size, (run * size) - gap, size - gap);
      index += run;
    }
  }

  point(event) {
    const column = Math.floor(event.offsetX / this.size);
    const index = (Math.floor(event.offsetY / this.size) * this.columns) + column;
    this.select(column < this.columns && index >= 0 && index < this.states.length ? index : -1);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns }[event.key];
    if (step) {
      event.preventDefault();
      this.select(Math.max(0, Math.min(this.states.length - 1, this.cursor < 0 ? 0 : this.cursor + step)));
    } else if (event.key === "Enter") {
      this.open();
    }
  }

  select(index) {
    if (index !== this.cursor) {
      this.cursor = index;
      this.draw();
      this.describe();
    }
  }

  open() {
    if (this.names[this.cursor] !== undefined) {
      location.hash = `#/devices/${encodeURIComponent(this.site)}/${encodeURIComponent(this.names[this.cursor])}`;
    }
  }

  describe() {
    const counts = Object.entries(NAMES).map(([letter, name]) => [name, this.states.split(letter).length - 1]).filter(([, value]) => value > 0);
    const summary = counts.map(([name, value]) => `${count(value)} ${t(name)}`).join(", ");
    this.canvas.setAttribute("aria-label", `${this.title}: ${summary}. ${t("mapHelp")}`);
    const name = this.names[this.cursor];
    const chosen = name === undefined ? null : h("span", { "aria-live": "polite" },
      h("span", { class: `dot ${NAMES[this.states[this.cursor]]}` }), deviceLink(this.site, name), ` ${t(NAMES[this.states[this.cursor]])}`);
    show(this.line, h("span", null, `${this.title} · ${count(this.states.length)}`), chosen ?? h("span"));
  }
}
