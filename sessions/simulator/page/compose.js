// The box to write in, whose label names the chat, and the button beside it.

import { h, icon } from "./dom.js";
import { Editor } from "./editor.js";
import { fault, played } from "./faults.js";
import * as mishaps from "./mishaps.js";
import { send as sendMessage } from "./sending.js";
import { boxLabel } from "./titles.js";
import { words } from "./words.js";

const view = { input: null, editor: null, button: null, chat: null, full: false };

export function box(chat, text) {
  view.chat = chat;
  view.full = false;
  view.input = h("div", {
    is: "compose",
    contenteditable: "true",
    role: "textbox",
    "data-tab": "10",
    "data-lexical-editor": "true",
    spellcheck: "true",
    "aria-label": boxLabel(chat),
    "aria-placeholder": words.placeholder,
    class: "compose",
    on: { keydown: keyed },
  });
  view.editor = new Editor(view.input, written);
  view.button = h("div", { class: "send-place" }, voiceButton());
  const place = h("div", { class: "compose-box" }, h("div", { class: "lexical-rich-text-input" }, view.input), h("div", { class: "compose-placeholder" }, words.placeholder));
  write(text || chat.draft || staleDraft());
  chat.draft = "";
  const expressions = h("button", { "aria-label": words.expressions, "data-tab": "10", class: "round quiet" }, icon("wds-ic-sticker-smiley"));
  return [expressions, place, view.button];
}

function staleDraft() {
  const text = fault("stale_draft")?.text ?? "";
  played("stale_draft");
  return text;
}

// What was being written stays with its chat.
export function keepDraft(chat) {
  if (chat && view.chat === chat && view.input?.isConnected) chat.draft = view.editor.text;
}

export const rename = (chat) => view.input?.setAttribute("aria-label", boxLabel(chat));

export const focus = () => view.editor.toEnd();

function write(text) {
  view.editor.set(text);
  changed();
}

// People's letters, not our own.
function written() {
  const before = view.full;
  changed();
  if (!before && view.editor.text.trim()) mishaps.typed();
}

function changed() {
  const full = view.editor.text.trim() !== "";
  view.input.closest(".compose-box")?.classList.toggle("full", full);
  if (full !== view.full) view.button.replaceChildren(full ? sendButton() : voiceButton());
  view.full = full;
}

const sendButton = () => h("button", { is: "send", "aria-label": words.send, "data-tab": "11", class: "round", on: { click: () => send("mouse") } }, icon("wds-ic-send-filled"));

const voiceButton = () => h("button", { "aria-label": words.voice, class: "round quiet" }, icon("mic-outlined"));

function keyed(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (event.shiftKey) view.editor.newLine();
  else send("keyboard");
}

function send(device) {
  const text = view.editor.text.trim();
  if (!text || mishaps.swallows(device)) return;
  write("");
  focus();
  sendMessage(view.chat, text);
}
