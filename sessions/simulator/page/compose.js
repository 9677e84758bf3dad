// The box to write in: a contenteditable that behaves as Lexical's does where a driver can tell.

import { h, icon, profile } from "./dom.js";
import { fault, played } from "./faults.js";
import * as mishaps from "./mishaps.js";
import { send as sendMessage } from "./sending.js";
import { titleOf } from "./titles.js";
import { words } from "./words.js";

const drafts = new Map();
const view = { input: null, button: null, chat: null };

export function box(chat, text) {
  view.chat = chat;
  view.input = h("div", {
    is: "compose",
    contenteditable: "true",
    role: "textbox",
    "data-tab": "10",
    "data-lexical-editor": "true",
    spellcheck: "true",
    "aria-label": profile.composeLabel(words.composeLabel, titleOf(chat)),
    "aria-placeholder": words.placeholder,
    class: "compose",
    on: { input: written, keydown: keyed, paste: pasted },
  });
  view.button = h("div", { class: "send-place" });
  write(text || drafts.get(chat.id) || staleDraft());
  return [h("div", { class: "compose-box" }, view.input, h("div", { class: "compose-placeholder" }, words.placeholder)), view.button];
}

function staleDraft() {
  const text = fault("stale_draft")?.text ?? "";
  played("stale_draft");
  return text;
}

export function keepDraft(id) {
  if (id && view.input?.isConnected) drafts.set(id, read());
}

export function focus() {
  view.input.focus();
  const range = document.createRange();
  range.selectNodeContents(view.input);
  range.collapse(false);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

function write(text) {
  const lines = text.split("\n");
  const paragraph = h("p", { class: "selectable-text copyable-text", dir: "auto" });
  lines.forEach((line, place) => {
    if (place) paragraph.append(h("br"));
    if (line) paragraph.append(h("span", { "data-lexical-text": "true" }, line));
  });
  if (!text) paragraph.append(h("br"));
  view.input.replaceChildren(paragraph);
  changed();
}

// The text as written: blocks and <br> are line ends; the <br> that props an empty block is not.
export function read() {
  const parts = [];
  const walk = (node) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) parts.push(child.data);
      else if (child.nodeName === "BR") parts.push(child.nextSibling || child.previousSibling ? "\n" : "");
      else {
        if (/^(P|DIV)$/.test(child.nodeName) && child.previousSibling) parts.push("\n");
        walk(child);
      }
    }
  };
  walk(view.input);
  return parts.join("").replaceAll("\u00a0", " ");
}

// People's letters, not our own.
function written() {
  const before = view.input.parentElement.classList.contains("full");
  changed();
  if (!before && read().trim()) mishaps.typed();
}

function changed() {
  const full = read().trim() !== "";
  view.input.parentElement?.classList.toggle("full", full);
  const has = view.button.querySelector("button")?.dataset.full === String(full);
  if (!has) view.button.replaceChildren(full ? sendButton() : voiceButton());
}

const sendButton = () =>
  h("button", { is: "send", "aria-label": words.send, "data-full": "true", "data-tab": "11", class: "round", on: { click: () => send("mouse") } }, icon("wds-ic-send-filled"));

const voiceButton = () => h("button", { "aria-label": words.voice, "data-full": "false", class: "round quiet" }, icon("mic-outlined"));

function keyed(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (event.shiftKey) document.execCommand("insertLineBreak");
  else send("keyboard");
}

function pasted(event) {
  event.preventDefault();
  const lines = event.clipboardData.getData("text/plain").split("\n");
  lines.forEach((line, place) => {
    if (place) document.execCommand("insertLineBreak");
    if (line) document.execCommand("insertText", false, line);
  });
}

function send(device) {
  const text = read().trim();
  if (!text || mishaps.swallows(device)) return;
  drafts.delete(view.chat.id);
  write("");
  focus();
  sendMessage(view.chat, text);
}
