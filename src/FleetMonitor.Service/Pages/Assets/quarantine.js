// What was refused, by reason, with what to do about it.
import { get } from "./api.js";
import { h } from "./dom.js";
import { at, count } from "./format.js";
import { t } from "./text.js";

export function quarantine() {
  return async () => {
    const { reasons } = await get("quarantine?limit=1");
    return [
      h("h1", null, t("quarantine")),
      reasons.length === 0 ? h("p", { class: "note" }, t("nothingRefused")) : h("div", { class: "panel" }, reasons.map((reason) => h("details", null,
        h("summary", null, h("b", null, reason.reason), h("span", null, `${count(reason.count)} ×`), h("span", { class: "muted" }, t(`refused.${reason.reason}`))),
        reason.samples.map((sample) => h("div", { class: "sample" },
          h("div", null, h("code", null, sample.topic), " ", h("span", { class: "muted" }, `${at(sample.receivedAt)} · ${sample.source}`)),
          h("div", null, h("code", null, sample.where), `: ${sample.detail}`),
          h("pre", null, sample.payload ?? `base64 ${sample.payloadBase64}`)))))),
    ];
  };
}
