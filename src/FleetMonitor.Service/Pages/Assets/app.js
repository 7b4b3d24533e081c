// The frame: sections, the address after the #, and asking again every other second while somebody looks.
import { ApiError, get, hasKey, setKey } from "./api.js";
import { h, show } from "./dom.js";
import { count, language, time } from "./format.js";
import { t } from "./text.js";
import { fleet } from "./fleet.js";
import { site } from "./site.js";
import { device, devices } from "./devices.js";
import { anomalies } from "./anomalies.js";
import { period, periods } from "./levy.js";
import { quarantine } from "./quarantine.js";
import { service } from "./service.js";

const FAST = 2000;
const SLOW = 5000;

// Each view: how often it asks, and what it makes of the answer. A view is given the parts of its address and its query.
const views = {
  "": { load: fleet, every: FAST, section: "fleet" },
  sites: { load: site, every: FAST, section: "fleet" },
  devices: { load: (parts, query) => (parts.length >= 2 ? device(parts, query) : devices(parts, query)), every: FAST, section: "devices" },
  anomalies: { load: anomalies, every: SLOW, section: "anomalies" },
  levy: { load: (parts, query) => (parts.length >= 2 ? period(parts, query) : periods(parts, query)), every: 2 * SLOW, section: "levy" },
  quarantine: { load: quarantine, every: SLOW, section: "quarantine" },
  service: { load: service, every: FAST, section: "service" },
};

const main = document.getElementById("main");
const live = document.getElementById("live");
let round = 0;
let timer;
let lastAnswer;
let connected;
let badges = {};

function address() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...parts] = path.split("/").map(decodeURIComponent);
  return { view: views[name] ?? views[""], parts, query: new URLSearchParams(query) };
}

function navigation(section) {
  const link = (name, href) => h("a", { href, "aria-current": name === section ? "page" : undefined },
    t(name), badges[name] ? h("span", { class: `badge ${badges[name].kind}` }, count(badges[name].value)) : null);
  show(document.getElementById("nav"),
    link("fleet", "#/"), link("devices", "#/devices"), link("anomalies", "#/anomalies"), link("levy", "#/levy"),
    link("quarantine", "#/quarantine"), link("service", "#/service"));
}

async function loadBadges() {
  const [{ active }, refused] = await Promise.all([get("anomalies?active=true&limit=1"), get("quarantine?limit=1")]);
  const wrong = (active.critical ?? 0) + (active.warning ?? 0) + (active.info ?? 0);
  badges = {
    anomalies: wrong && { value: wrong, kind: active.critical ? "critical" : active.warning ? "warning" : "" },
    quarantine: refused.total && { value: refused.total, kind: "" },
  };
}

function setLive(now) {
  live.className = now ? "live" : "live lost";
  const text = now ? t("live") : `${t("lost")} ${lastAnswer ? time(lastAnswer) : "–"}`;
  if (connected !== now || !now) {
    connected = now;
    live.textContent = text;
  }
}

function askForKey() {
  const input = h("input", { type: "password", name: "key", autocomplete: "current-password", required: true, "aria-label": t("key") });
  show(main, hasKey() ? h("p", { class: "bad", role: "alert" }, t("keyUnknown")) : null, h("form", { class: "panel pad tools", keep: "key", onsubmit: (event) => { event.preventDefault(); setKey(input.value); start(); } },
    h("span", null, t("keyNeeded")), input, h("button", null, t("use"))));
}

async function tick(current, view, draw) {
  try {
    const nodes = await draw();
    if (current !== round) {
      return;
    }
    show(main, nodes);
    lastAnswer = new Date();
    setLive(true);
  } catch (error) {
    if (current !== round) {
      return;
    }
    if (error instanceof ApiError && error.status === 401) {
      askForKey();
      return;
    }
    if (error instanceof ApiError) {
      show(main, h("p", { class: "bad" }, `${t("failed")}: ${error.message}`));
    }
    setLive(error instanceof ApiError);
    if (!(error instanceof ApiError) && !(error instanceof TypeError)) {
      throw error;
    }
  }
  timer = setTimeout(() => next(current, view, draw), view.every);
}

const next = (current, view, draw) => { if (!document.hidden && current === round) { tick(current, view, draw); } };

async function start() {
  clearTimeout(timer);
  round += 1;
  const { view, parts, query } = address();
  navigation(view.section);
  // On a phone the sections are wider than the screen.
  const nav = document.getElementById("nav");
  nav.scrollLeft = Math.max(0, (nav.querySelector("[aria-current]")?.offsetLeft ?? 0) - nav.offsetLeft - 40);
  document.title = `${t(view.section)} · FleetMonitor`;
  const draw = view.load(parts, query);
  await tick(round, view, draw);
}

async function keepBadges() {
  if (!document.hidden) {
    await loadBadges().then(() => navigation(address().view.section)).catch(() => { /* the view says what is wrong */ });
  }
  setTimeout(keepBadges, SLOW);
}

document.getElementById("skip").textContent = t("skip");
document.getElementById("nav").setAttribute("aria-label", t("sections"));
document.getElementById("skip").onclick = (event) => { event.preventDefault(); main.focus(); };
const other = document.getElementById("language");
const setLanguageLink = () => {
  other.textContent = language === "ru" ? "English" : "Русский";
  other.lang = language === "ru" ? "en" : "ru";
  other.href = `/?lang=${other.lang}${location.hash}`;
};
setLanguageLink();
addEventListener("hashchange", () => { setLanguageLink(); start(); scrollTo(0, 0); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) { start(); } });
start();
keepBadges();
