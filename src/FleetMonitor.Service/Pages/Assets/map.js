// A site's devices on a canvas, rack by rack: coloured by state, or by a value of theirs. 55,000 fit at a glance.
import { h, show } from "./dom.js";
import { count } from "./format.js";
import { t } from "./text.js";
import { deviceLink } from "./parts.js";
import { arrange, groupsOf, hit } from "./racks.js";
import { LEVELS, MEASURES, ramp, valueOf } from "./heat.js";

const NAMES = { m: "mining", i: "idle", s: "stale", o: "offline", u: "unknown" };
const GAP_FROM = 5;
// Who is offline is told by form too, where there is room for one.
const FORM_FROM = 6;

export class FleetMap {
  /** tall: how much of the window's height it may take. */
  constructor(site, tall) {
    [this.site, this.tall, this.cursor] = [site, tall, -1];
    [this.names, this.states, this.groups, this.heat] = [[], "", [], null];
    this.canvas = h("canvas", {
      tabindex: "0", role: "application", "aria-roledescription": t("map"),
      onpointermove: (event) => this.point(event),
      onpointerleave: () => this.select(-1),
      onpointerdown: (event) => this.point(event),
      onclick: (event) => { if (event.pointerType !== "touch") { this.open(); } },
      onkeydown: (event) => this.key(event),
    });
    this.line = h("div", { class: "mapline" });
    this.element = h("div", { class: "panel map", keep: `map-${site}-${tall}` }, this.canvas, this.line);
    new ResizeObserver(() => this.draw()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** roster: {devices, racks, rackOf, name}; heat: {measure, low, high, values}, or null to colour by state. */
  update(roster, states, heat) {
    if (roster !== this.roster) {
      this.roster = roster;
      this.names = roster.devices;
      this.title = roster.name ?? this.site;
      this.groups = groupsOf(roster);
      this.groupOf = new Map(this.groups.flatMap((group) => group.devices.map((index) => [index, group])));
    }
    // The map and the names may be of different moments, for a moment.
    this.states = states.slice(0, this.names.length);
    this.heat = heat;
    this.draw();
    this.describe();
  }

  draw() {
    const width = this.canvas.clientWidth;
    if (width === 0 || this.names.length === 0) {
      return;
    }
    const started = performance.now();
    const height = Math.max(220, innerHeight * this.tall);
    if (this.plan?.width !== width || this.plan.within !== height || this.plan.groups !== this.groups) {
      this.plan = { ...arrange(this.groups, width, height), width, within: height, groups: this.groups };
    }
    const scale = devicePixelRatio || 1;
    const [pixels, lines] = [Math.round(width * scale), Math.round(this.plan.height * scale)];
    if (this.canvas.width !== pixels || this.canvas.height !== lines) {
      [this.canvas.width, this.canvas.height] = [pixels, lines];
      this.canvas.style.height = `${this.plan.height}px`;
    }
    const paint = this.canvas.getContext("2d");
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.clearRect(0, 0, width, this.plan.height);
    const style = getComputedStyle(document.documentElement);
    this.labels(paint, style);
    this.cells(paint, this.colours(style), style.getPropertyValue("--panel"));
    this.mark(paint, style.getPropertyValue("--ink"));
    performance.clearMeasures("map-draw");
    performance.measure("map-draw", { start: started });
    if (performance.getEntriesByName("map").length === 0) {
      performance.mark("map");
    }
  }

  colours(style) {
    if (!this.heat) {
      return { letters: this.states, of: Object.fromEntries(Object.entries(NAMES).map(([letter, name]) => [letter, style.getPropertyValue(`--${name}`)])) };
    }
    const colours = ramp(this.heat.measure);
    return { letters: this.heat.values, of: Object.fromEntries([...LEVELS, "-"].map((letter, level) => [letter, colours[level] ?? style.getPropertyValue("--unknown")])) };
  }

  // One colour after the other: a canvas is slow at changing colours, not at filling squares.
  cells(paint, { letters, of }, hole) {
    const { size, blocks } = this.plan;
    const inner = size - (size >= GAP_FROM ? 1 : 0);
    const cells = new Map();
    for (const { group, x, y, columns } of blocks) {
      group.devices.forEach((index, place) => {
        const letter = letters[index] ?? "u";
        (cells.get(letter) ?? cells.set(letter, []).get(letter)).push(x + ((place % columns) * size), y + (Math.floor(place / columns) * size));
      });
    }
    for (const [letter, places] of cells) {
      paint.fillStyle = of[letter];
      for (let at = 0; at < places.length; at += 2) {
        paint.fillRect(places[at], places[at + 1], inner, inner);
      }
    }
    if (!this.heat) {
      // A hole in it; or, where there is no room for one, more than its own cell: one among 55,000 is seen.
      const [side, colour] = size >= FORM_FROM ? [Math.max(2, Math.round(inner / 3)), hole] : [size + 3, of.o];
      const places = cells.get("o") ?? [];
      paint.fillStyle = colour;
      for (let at = 0; at < places.length; at += 2) {
        paint.fillRect(places[at] + ((inner - side) / 2), places[at + 1] + ((inner - side) / 2), side, side);
      }
    }
  }

  labels(paint, style) {
    const { label, blocks, size, gap } = this.plan;
    if (label === 0) {
      return;
    }
    paint.fillStyle = style.getPropertyValue("--muted");
    paint.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    for (const { group, x, y, columns } of blocks) {
      if (paint.measureText(group.name).width <= (columns * size) + gap - 2) {
        paint.fillText(group.name || t("noRack"), x, y - 4);
      }
    }
  }

  mark(paint, ink) {
    const place = this.cursor < 0 ? null : this.placeOf(this.cursor);
    if (place) {
      const { size } = this.plan;
      paint.strokeStyle = ink;
      paint.lineWidth = 2;
      paint.strokeRect(place.x - 1, place.y - 1, size + 2 - (size >= GAP_FROM ? 1 : 0), size + 2 - (size >= GAP_FROM ? 1 : 0));
    }
  }

  placeOf(index) {
    const block = this.plan?.blocks.find(({ group }) => group === this.groupOf.get(index));
    const place = block?.group.devices.indexOf(index);
    return block && { x: block.x + ((place % block.columns) * this.plan.size), y: block.y + (Math.floor(place / block.columns) * this.plan.size) };
  }

  point(event) {
    this.select(this.plan ? hit(this.plan, event.offsetX, event.offsetY) : -1);
  }

  key(event) {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [0, 0];
    const order = this.plan?.blocks.flatMap(({ group }) => group.devices) ?? [];
    if (dx !== 0 || dy !== 0) {
      event.preventDefault();
      this.select(this.cursor < 0 ? order[0] : this.beside(dx, dy));
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      this.select(order.at(event.key === "Home" ? 0 : -1));
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      const at = this.groups.indexOf(this.groupOf.get(this.cursor)) + (event.key === "PageDown" ? 1 : -1);
      this.select(this.groups[Math.max(0, Math.min(this.groups.length - 1, at))].devices[0]);
    } else if (event.key === "Enter") {
      this.open();
    } else if (event.key === "Escape") {
      this.select(-1);
    }
  }

  // The next device that way, over the gap between racks too.
  beside(dx, dy) {
    const { size, gap, label } = this.plan;
    const place = this.placeOf(this.cursor);
    for (let step = size; step <= (2 * size) + gap + label; step += size / 2) {
      const found = hit(this.plan, place.x + (size / 2) + (dx * step), place.y + (size / 2) + (dy * step));
      if (found >= 0 && found !== this.cursor) {
        return found;
      }
    }
    return this.cursor;
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
    const racks = this.groups[0]?.rack === null || this.groups.length < 2 ? "" : `, ${count(this.groups.length)} ${t("racks")}`;
    show(this.line, h("span", null, `${this.title} · ${count(this.states.length)}${racks}`), this.chosen() ?? h("span"));
  }

  chosen() {
    const name = this.names[this.cursor];
    if (name === undefined) {
      return null;
    }
    const state = NAMES[this.states[this.cursor]];
    const { rack } = this.groupOf.get(this.cursor);
    const value = this.heat && valueOf(this.heat, this.cursor);
    return h("span", { "aria-live": "polite" },
      h("span", { class: `dot ${state}` }), deviceLink(this.site, name), ` ${t(state)}`,
      this.heat ? ` · ${value === null ? t("noLiveValue") : `≈ ${MEASURES[this.heat.measure](value)}`}` : null,
      rack ? [" · ", h("a", { href: `#/devices?${new URLSearchParams({ site: this.site, search: rack })}` }, rack)] : null);
  }
}
