// What the service itself is doing.
import { get } from "./api.js";
import { h } from "./dom.js";
import { at, bytes, count, decimal, duration } from "./format.js";
import { t } from "./text.js";
import { facts, figure, figures, table } from "./parts.js";

export function service() {
  let before;
  return async () => {
    const now = await get("service");
    const seconds = before ? (Date.parse(now.at) - Date.parse(before.at)) / 1000 : 0;
    const rate = (part) => (seconds > 0 ? `${count((part(now) - part(before)) / seconds)} ${t("perSecond")}` : "–");
    const cpu = seconds > 0
      ? `${decimal((100 * (now.process.cpuSeconds - before.process.cpuSeconds)) / seconds, 0)} %`
      : "–";
    const nodes = serviceView(now, rate, cpu);
    before = seconds > 0 && seconds < 1 ? before : now;
    return nodes;
  };
}

function serviceView(now, rate, cpu) {
  const { pipeline, process, ledger, listener, points, readiness } = now;
  const counted = (label, value) => [t(label), count(value)];
  return [
    h("h1", null, t("service"), " ", readiness.ready
      ? h("small", { class: "muted" }, t("ready"))
      : h("small", { class: "bad" }, t("notReady"))),
    readiness.reasons.map((reason) => h("p", { class: "bad" }, reason)),
    figures(
      figure(t("readings"), rate((answer) => answer.pipeline.readings), `${count(pipeline.readings)} ${t("sinceStart")}`),
      figure(t("commits"), rate((answer) => answer.pipeline.commits),
        `${decimal((1000 * pipeline.commitSeconds) / Math.max(1, pipeline.commits), 1)} ms ${t("commitMean")}, ${decimal(1000 * pipeline.longestCommitSeconds, 1)} ms ${t("commitMax")}`),
      figure(t("cpu"), cpu, `${process.processors} × 100 %`),
      figure(t("memory"), bytes(process.residentBytes)),
      figure(t("ledger"), bytes(ledger.bytes), `${bytes(ledger.freeBytes)} ${t("diskFree")}`),
      points ? figure(t("points"), bytes(points.waitingBytes), points.problem ?? `${t("lag")} ${duration(points.lagS)}, ${count(points.sent)} ${t("sent")}`) : null,
      listener ? figure(t("connections"), count(listener.connections), `${count(listener.accepted)} ${t("sinceStart")}`) : null),
    h("h2", null, t("sources")),
    table([
      { label: t("sources"), cell: (source) => source.name },
      { label: t("state"), cell: (source) => (source.connected ? t("connected") : h("span", { class: "bad" }, t("disconnected"))) },
      { label: "", cell: (source) => source.detail },
    ], readiness.sources, t("sources")),
    h("h2", null, t("messages"), h("small", null, t("sinceStart"))),
    h("div", { class: "panel pad" }, facts(
      counted("total", pipeline.messages), counted("acknowledged", pipeline.acknowledged), counted("duplicates", pipeline.duplicates),
      counted("conflicts", pipeline.conflicts), counted("late", pipeline.late), counted("tooLate", ledger.lateReadings),
      counted("skipped", pipeline.skipped), counted("refused", pipeline.refused))),
    h("h2", null, t("service")),
    h("div", { class: "panel pad" }, facts(
      [t("version"), now.version], [t("uptime"), duration((Date.parse(now.at) - Date.parse(now.started)) / 1000)], [t("ledger"), h("code", null, ledger.directory)])),
    ledger.sessionGaps.length ? [h("h2", null, t("sessionGaps")), table([
      { label: t("from"), cell: (gap) => at(gap.from) },
      { label: t("to"), cell: (gap) => at(gap.to) },
      { label: t("why"), cell: (gap) => gap.detail },
    ], ledger.sessionGaps, t("sessionGaps"))] : null,
  ];
}
