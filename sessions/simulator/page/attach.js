// Attachments: the menu, the file choosers behind it, and the preview with a caption.

import { h, icon, profile } from "./dom.js";
import { send as sendMessage } from "./sending.js";
import { words } from "./words.js";

const MAX_BYTES = 16 * 1024 * 1024;

export function buttons(chat) {
  const items = [
    item(words.sticker, "ic-sticker-filled", "image/*", () => {}),
    item(words.document, "ic-description-filled", "*", (input) => chosen(chat, input), "attachDocument"),
    item(words.photos, "ic-filter-filled", "image/*,video/mp4", (input) => chosen(chat, input)),
  ];
  const menu = h("div", { is: "attachMenu", role: profile.attachItems === "menu" ? "menu" : null, class: "attach-menu", hidden: true }, items);
  const toggle = () => {
    menu.hidden = !menu.hidden;
  };
  return h("div", { class: "attach" }, h("button", { is: "attach", "aria-label": words.attach, title: words.attach, class: "round quiet", on: { click: toggle } }, icon("ic-attach-file")), menu);
}

// The first input that takes pictures makes stickers: a trap for whoever takes the first one.
function item(label, name, accept, onChange, is = undefined) {
  const input = h("input", { type: "file", accept, hidden: true, on: { change: () => onChange(input) } });
  const open = (event) => {
    if (event.target !== input) input.click();
  };
  const inside = [icon(name), h("span", {}, label)];
  if (profile.attachItems === "menu") return h("li", { is, role: "menuitem", tabindex: "-1", on: { click: open } }, inside, input);
  return h("div", {}, h("button", { is, "aria-label": label, on: { click: open } }, inside), input);
}

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function chosen(chat, input) {
  const [file] = input.files;
  input.value = "";
  input.closest(".attach-menu").hidden = true;
  if (!file || file.size > MAX_BYTES) return;
  preview(chat, { name: file.name, type: file.type, size: file.size, sha256: await sha256(file) });
}

// The caption is an editor outside the footer, and what sends it is no button element.
function preview(chat, attachment) {
  const caption = h("div", { contenteditable: "true", role: "textbox", "aria-label": words.caption, "data-tab": "undefined", class: "compose" });
  const done = () => box.remove();
  const send = () => {
    done();
    sendMessage(chat, caption.innerText.trim(), attachment);
  };
  caption.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  });
  const close = h("button", { "aria-label": words.close, class: "round quiet", on: { click: done } }, icon("ic-close"));
  const go = h("div", { role: "button", tabindex: "0", "aria-label": words.send, class: "round", on: { click: send } }, icon("wds-ic-send-filled"));
  const box = h("div", { class: "preview" }, close, h("div", { class: "file" }, icon("ic-description-filled"), attachment.name), h("div", { is: "caption" }, caption), go);
  document.getElementById("main").append(box);
  caption.focus();
}
