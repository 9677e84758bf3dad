// The boxes that lie over the page.

import { h, icon, profile } from "./dom.js";
import { words } from "./words.js";

// A dialog with buttons {text, is, action}; each button closes it. Returns its closer.
export function dialog({ title, text, buttons = [], takesFocus = false, closable = false, onEscape = null }) {
  const close = () => {
    box.remove();
    removeEventListener("keydown", escape, true);
  };
  const escape = (event) => {
    if (event.key !== "Escape" || !onEscape) return;
    close();
    onEscape();
  };
  const actions = buttons.map(({ text: label, is, action }) => {
    const press = () => {
      close();
      action?.();
    };
    return h("button", { is, class: "primary", on: { click: press } }, h("span", {}, label));
  });
  const cross = closable ? h("button", { "aria-label": words.close, class: "round quiet", on: { click: close } }, icon("ic-close")) : null;
  const box = h("div", { is: "popup", class: "dialog-back" }, h("div", { role: "dialog", "aria-modal": "true", class: "dialog-place" }, sheet({ title, text, cross, actions })));
  document.body.append(box);
  addEventListener("keydown", escape, true);
  if (takesFocus) box.querySelector("button.primary").focus();
  return close;
}

function sheet({ title, text, cross, actions }) {
  const heading = title ? h("h1", { is: "popupTitle" }, title) : null;
  const contents = h("div", { is: "popupContents", class: "dialog-text" }, text);
  const attributes = { is: "popup", tabindex: "-1", "aria-label": title ?? text, "data-animate-modal-popup": "true", class: "dialog" };
  return h("div", attributes, cross, heading, contents, h("div", { class: "dialog-buttons" }, actions));
}

export function closeAll() {
  for (const box of document.querySelectorAll(".dialog-back")) box.remove();
}

export const notOnWhatsApp = (phone) => dialog({ text: words.notOnWhatsApp(phone), buttons: [{ text: words.ok, is: "popupOk" }] });

export const startingChat = (onCancel) =>
  dialog({ text: words.startingChat, buttons: [{ text: words.cancel, is: "popupCancel", action: onCancel }], onEscape: onCancel });

export const conflict = (onUse) => dialog({ text: words[profile.conflict], buttons: [{ text: words.useHere, is: "popupOk", action: onUse }] });

export const whatsNew = () =>
  dialog({ title: words.whatsNew, text: words.whatsNewText, buttons: [{ text: words.continue }], closable: true, takesFocus: true, onEscape: () => {} });
