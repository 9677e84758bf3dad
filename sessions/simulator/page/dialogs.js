// The boxes that lie over the page.

import { h, profile } from "./dom.js";
import { words } from "./words.js";

function button(text, is, action, style = "primary") {
  return h("button", { is, class: style, on: { click: action } }, text);
}

// A dialog with buttons {text, is, action}; resolves nothing, each button closes it. Returns its closer.
export function dialog({ title, text, buttons = [], animate = true, takesFocus = false, onEscape = null }) {
  const close = () => {
    box.remove();
    removeEventListener("keydown", escape, true);
  };
  const escape = (event) => {
    if (event.key !== "Escape" || !onEscape) return;
    close();
    onEscape();
  };
  const actions = buttons.map(({ text: label, is, action }) =>
    button(label, is, () => {
      close();
      action?.();
    }),
  );
  const body = h(
    "div",
    { role: profile.roles.dialog, "aria-modal": "true", "aria-label": title ?? text, class: "dialog", ...(animate ? { "data-animate-modal-popup": "true" } : {}) },
    title ? h("h2", {}, title) : null,
    text ? h("div", { class: "dialog-text" }, text) : null,
    h("div", { class: "dialog-buttons" }, ...actions),
  );
  const box = h("div", { class: "dialog-back" }, body);
  document.body.append(box);
  addEventListener("keydown", escape, true);
  if (takesFocus) body.querySelector("button").focus();
  return close;
}

export function closeAll() {
  for (const box of document.querySelectorAll(".dialog-back")) box.remove();
}

export const invalidNumber = (text) => dialog({ text, buttons: [{ text: words.ok, is: "popupOk" }] });

export const startingChat = (onCancel) =>
  dialog({ text: words.startingChat, buttons: [{ text: words.cancel, is: "popupCancel", action: onCancel }], onEscape: onCancel });

export const conflict = (onUse) => dialog({ text: words.conflict, buttons: [{ text: words.useHere, is: "popupOk", action: onUse }] });

export const whatsNew = () =>
  dialog({ title: words.whatsNew, text: words.whatsNewText, buttons: [{ text: words.continue }], takesFocus: true, onEscape: () => {} });
