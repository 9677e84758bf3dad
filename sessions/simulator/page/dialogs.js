// The boxes that lie over the page.

import { h, icon, profile, svg } from "./dom.js";
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
  const attributes = { is: "popup", tabindex: "-1", "aria-label": title ?? (typeof text === "string" ? text : null), "data-animate-modal-popup": "true", class: "dialog" };
  return h("div", attributes, cross, heading, contents, h("div", { class: "dialog-buttons" }, actions));
}

export function closeAll() {
  for (const box of document.querySelectorAll(".dialog-back, .viewer")) box.remove();
}

export const notOnWhatsApp = (phone) => dialog({ text: words.notOnWhatsApp(phone), buttons: [{ text: words.ok, is: "popupOk" }] });

export const startingChat = (onCancel) =>
  dialog({ text: words.startingChat, buttons: [{ text: words.cancel, is: "popupCancel", action: onCancel }], onEscape: onCancel });

export const conflict = (onUse) => dialog({ text: words[profile.conflict], buttons: [{ text: words.useHere, is: "popupOk", action: onUse }] });

export const whatsNew = () =>
  dialog({ title: words.whatsNew, text: words.whatsNewText, buttons: [{ text: words.continue }], closable: true, takesFocus: true, onEscape: () => {} });

// Beyond a day only days are told, the begun one among them; before that hours, minutes and seconds.
function timeLeft(seconds) {
  if (seconds > 86400) return words.days(Math.ceil(seconds / 86400));
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

// `until` in seconds since 1970; without an end it has run out already.
export function timelock({ until } = {}) {
  const left = () => timeLeft(Math.max(0, Math.round((until ?? 0) - Date.now() / 1000)));
  const clock = h("div", {}, left());
  const ticking = setInterval(() => clock.replaceChildren(left()), 1000);
  const points = words.lock.points.map((point, place) => h("div", { is: `lockBullet${place + 1}` }, point));
  const text = h("div", {}, h("div", { class: "time-left" }, svg("wds-picto-timer-feedback-warning"), clock), h("h2", { is: "lockTitle" }, words.lock.title), h("div", { is: "lockSubtitle" }, words.lock.subtitle), points);
  const over = () => clearInterval(ticking);
  dialog({ text, buttons: [{ text: words.ok, is: "popupOk", action: over }], onEscape: over });
}

// A picture over everything, until Escape.
export function enlarge(content) {
  const box = h("div", { is: "mediaViewer", class: "viewer" }, content);
  const escape = (event) => {
    if (event.key !== "Escape") return;
    box.remove();
    removeEventListener("keydown", escape, true);
  };
  document.body.append(box);
  addEventListener("keydown", escape, true);
}
