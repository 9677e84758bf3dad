// Attachments: the menu, the file choosers behind it, and the preview with a caption.

import { h, icon } from "./dom.js";
import { send as sendMessage } from "./sending.js";
import { words } from "./words.js";

const MAX_BYTES = 16 * 1024 * 1024;

export function buttons(chat) {
  const menu = h("div", { is: "attachMenu", role: "menu", class: "attach-menu", hidden: true }, sticker(), item(chat, words.document, "ic-description-filled", "*"), item(chat, words.photos, "ic-filter-filled", "image/*,video/mp4"));
  const toggle = () => {
    menu.hidden = !menu.hidden;
  };
  return [h("div", { class: "attach" }, h("button", { is: "attach", "aria-label": words.attach, title: words.attach, class: "round quiet", on: { click: toggle } }, icon("ic-attach-file")), menu)];
}

// The first input that takes pictures makes stickers: a trap for whoever takes the first one.
function sticker() {
  const input = h("input", { type: "file", accept: "image/*", hidden: true });
  return h("li", { role: "menuitem", tabindex: "-1", on: { click: () => input.click() } }, icon("ic-sticker-filled"), words.sticker, input);
}

function item(chat, label, title, accept) {
  const input = h("input", { type: "file", accept, hidden: true, on: { change: () => chosen(chat, input) } });
  const open = (event) => {
    if (event.target !== input) input.click();
  };
  return h("li", { role: "menuitem", tabindex: "-1", on: { click: open } }, icon(title), label, input);
}

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function chosen(chat, input) {
  const [file] = input.files;
  input.value = "";
  input.closest("[role=menu]").hidden = true;
  if (!file || file.size > MAX_BYTES) return;
  const attachment = { name: file.name, type: file.type, size: file.size, sha256: await sha256(file) };
  preview(chat, attachment);
}

function preview(chat, attachment) {
  const caption = h("div", { is: "caption", contenteditable: "true", role: "textbox", "aria-label": words.caption, "data-tab": "undefined", class: "compose" });
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
  const box = h("div", { class: "preview" }, close, h("div", { class: "file" }, icon("ic-description-filled"), attachment.name), caption, go);
  document.getElementById("main").append(box);
  caption.focus();
}
