// What is wrong, since when, how sure, what shows it, and what somebody does about it.
import { get, path, post, segment } from "./api.js";
import { h } from "./dom.js";
import { evidence, sentence } from "./evidence.js";
import { at, count, decimal, duration, energy, money } from "./format.js";
import { t } from "./text.js";
import { deviceLink } from "./parts.js";
import { ask, field, personInput } from "./dialog.js";

const PAGE = 100;
const HOUR = 3600000;
const MUTES = [["1", "mute.hour"], ["8", "mute.shift"], ["24", "mute.day"], ["168", "mute.week"], ["720", "mute.month"]];
const TABS = [["active", { active: true }], ["muted", { active: true, muted: true }], ["cleared", { active: false }]];

export function anomalies(_, query) {
  const tab = TABS.find(([name]) => name === query.get("show")) ?? TABS[0];
  const wanted = { site: query.get("site"), severity: query.get("severity"), cause: query.get("cause") };
  const limit = Number(query.get("limit")) || PAGE;
  return async () => {
    const filter = wanted.cause ? { cause: wanted.cause, members: true } : tab[1];
    const [list, fleet, me] = await Promise.all([
      get(path("anomalies", { ...filter, ...wanted, limit: Math.min(limit, 1000) })), get("fleet"), get("me")]);
    // What is muted stands on a tab of its own.
    const rows = tab === TABS[0] && !wanted.cause ? list.rows.filter((row) => !row.muted) : list.rows;
    const address = (change) => `#/${path("anomalies", { show: tab[0] === TABS[0][0] ? "" : tab[0], ...wanted, ...change })}`;
    const choose = (name, any, values, label) => h("select", { "aria-label": any, onchange: (event) => { location.hash = address({ [name]: event.target.value }); } },
      h("option", { value: "" }, any), values.map((value) => h("option", { value, selected: value === wanted[name] }, label(value))));
    return [
      h("h1", null, t("anomalies")),
      h("div", { class: "tools" },
        wanted.cause
          ? h("a", { href: address({ cause: "" }) }, `← ${t("all")}`)
          : h("div", { class: "tabs" }, TABS.map(([name]) => h("a", { href: address({ show: name === TABS[0][0] ? "" : name }), "aria-current": name === tab[0] ? "page" : undefined }, t(name)))),
        choose("severity", t("anySeverity"), ["critical", "warning", "info"], t),
        fleet.sites.length > 1 ? choose("site", t("anySite"), fleet.sites.map((site) => site.site), (site) => site) : null,
        h("span", { class: "muted" }, `${t("active")}: ${count(list.active.critical ?? 0)} ${t("critical")}, ${count(list.active.warning ?? 0)} ${t("warning")}, ${count(list.active.info ?? 0)} ${t("info")}`)),
      rows.length ? h("div", { class: "panel" }, anomalyRows(rows, me)) : h("p", { class: "note" }, t("nothingWrong")),
      list.next && limit < 1000 ? h("div", { class: "pager" }, h("a", { href: address({ limit: limit + PAGE }) }, t("more"))) : null,
    ];
  };
}

/** me: who looks, where what can be done about them is offered too. */
export const anomalyRows = (rows, me) => rows.map((row) => h("article", { class: `anomaly ${row.severity}${row.muted ? " quiet" : ""}` },
  h("h3", null,
    t(`kind.${row.kind}`),
    row.device ? deviceLink(row.site, row.device) : h("a", { href: `#/sites/${encodeURIComponent(row.site)}` }, row.site),
    row.group ? h("span", null, groupName(row.group)) : null,
    h("span", { class: `tag ${row.severity}` }, t(row.severity)),
    h("span", null, row.cleared
      ? `${at(row.raised)} – ${at(row.cleared)}`
      : `${t("since")} ${at(row.raised)} (${duration((Date.now() - Date.parse(row.raised)) / 1000)})`),
    row.cleared ? null : h("span", null, `${decimal(100 * row.score, 0)} % ${t("sure")}`),
    row.kwhPerDay > 0 ? h("span", null, `${energy(row.kwhPerDay)} ${t("perDay")}${row.levyPerDay === null ? "" : `, ${money(row.levyPerDay, "KZT", 0)}`}`) : null),
  h("p", null, sentence(row)),
  evidence(row),
  became(row),
  me && !row.cleared ? acts(row, me) : null));

// "rack A-07", "feeder pdu-3": the word in the reader's language, and the name.
function groupName(group) {
  const space = group.indexOf(" ");
  return `${t(`group.${group.slice(0, space)}`)} ${group.slice(space + 1)}`;
}

function became(row) {
  const said = (word, act, more) => (act ? h("li", null, `${t(word)}: ${act.by}, ${at(act.at)}${more ?? ""}${act.reason ? ` — ${act.reason}` : ""}`) : null);
  const lines = [
    said("acknowledgedBy", row.acknowledged),
    said("mutedBy", row.muted, row.muted && `, ${t("until")} ${at(row.muted.until)}`),
    row.cause ? h("li", null, t("standsUnder")) : null,
    row.kind === "site-drop" || row.kind === "group-drop" || (row.kind === "clock-off" && !row.device) ? h("li", null, h("a", { href: `#/${path("anomalies", { cause: row.id })}` }, t("standsFor"))) : null].filter(Boolean);
  return lines.length ? h("ul", { class: "became" }, lines) : null;
}

// What a person may do is the operator's; everybody else sees what was done.
function acts(row, me) {
  if (me.role === "viewer") {
    return null;
  }
  const act = async (name, answers) => {
    await post(`anomalies/${segment(row.id)}/${name}`, answers);
    dispatchEvent(new Event("hashchange"));
  };
  const question = (name, extra, answers = (given) => given) => () => ask({
    title: `${t(name)}: ${t(`kind.${row.kind}`)}, ${row.device ?? (row.group ? `${row.site}, ${groupName(row.group)}` : row.site)}`,
    body: [extra, field(t("yourName"), personInput(me.name)), field(t("why"), h("input", { name: "reason", placeholder: t("optional") }))],
    action: t(name),
    act: (given) => act(name, answers(given)),
  });
  const length = h("select", { name: "hours" }, MUTES.map(([hours, name]) => h("option", { value: hours }, t(name))));
  return h("div", { class: "acts" },
    row.acknowledged ? null : h("button", { onclick: question("acknowledge") }, t("acknowledge")),
    row.muted
      ? h("button", { onclick: question("unmute") }, t("unmute"))
      : h("button", { onclick: question("mute", field(t("muteFor"), length), ({ hours, ...rest }) => ({ ...rest, until: new Date(Date.now() + (hours * HOUR)).toISOString() })) }, t("mute")),
    h("button", { onclick: question("clear") }, t("clear")));
}
