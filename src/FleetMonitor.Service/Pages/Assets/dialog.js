// A question that is answered or let be: the browser's own dialog, which keeps the focus and closes on Escape.
import { h } from "./dom.js";
import { t } from "./text.js";

const NAME = "fleetmonitor-name";

/** Who acts: remembered for this tab, so that it is typed once. */
export const personInput = (known) => h("input", {
  name: "by", required: true, autocomplete: "name", placeholder: t("yourName"), "aria-label": t("yourName"), value: sessionStorage.getItem(NAME) ?? known ?? "",
});

export const field = (label, input) => h("label", { class: "field" }, h("span", null, label), input);

/**
 * Asks; `act` is given the answers by name, and what it says went wrong is shown in place.
 * kind: "danger" for what cannot be undone.
 */
export function ask({ title, body, action, kind, act }) {
  const problem = h("p", { class: "bad", role: "alert" });
  const go = h("button", { class: kind ?? "primary" }, action);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const answers = Object.fromEntries([...event.target.elements].filter((input) => input.name)
        .map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value.trim()]));
      if (answers.by) {
        sessionStorage.setItem(NAME, answers.by);
      }
      go.disabled = true;
      try {
        await act(answers);
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
        go.disabled = false;
      }
    },
  }, h("h2", { id: "dialog-title" }, title), body, problem,
  h("div", { class: "pager" }, go, h("button", { type: "button", onclick: () => dialog.close() }, t("cancel")))));
  const before = document.activeElement;
  dialog.onclose = () => { dialog.remove(); before?.focus?.(); };
  document.body.append(dialog);
  dialog.showModal();
}
