// The second line of a row in the list: a draft, "typing…", or the last message.

import { h, svg } from "./dom.js";
import { plain, shown } from "./rich.js";
import { listTick } from "./ticks.js";
import { words } from "./words.js";

// Messages that show a word of the page's own, with a picture before it, unless a caption stands there.
const SYMBOLS = {
  image: ["ic-image", () => words.image],
  video: ["ic-videocam", () => words.video],
  document: ["ic-description-filled", ({ title }) => title],
  voice: ["ic-keyboard-voice-filled", () => "0:07"],
  sticker: ["ic-sticker-filled", () => words.stickerMessage],
  view_once: ["view-once-sunset", () => words.image],
  poll: ["ic-poll", ({ title }) => title],
  contact: ["default-contact-refreshed", ({ title }) => title],
  location: ["ic-location", () => words.location],
  list: [null, ({ title }) => title],
  buttons: [null, ({ title }) => title],
  waiting: ["ic-schedule", () => words.waiting],
};

const NEVER_TOLD = ["view_once", "waiting", "deleted"];

export function lastWords(message) {
  if (message.kind === "deleted") return message.mine ? words.deletedByMe : words.deleted;
  const told = NEVER_TOLD.includes(message.kind) ? "" : message.text;
  return told || (SYMBOLS[message.kind]?.[1](message) ?? "");
}

// A group's preview begins with who wrote; the title beside it has the text alone.
function author(chat, message) {
  if (chat.kind === "person" || chat.kind === "channel" || message.kind === "system") return [];
  const name = message.mine ? words.me : message.author;
  return name ? [h("span", { dir: "auto" }, name), h("span", {}, ":\u00a0")] : [];
}

// Drawn without a data-icon, as October's list was seen.
function symbol({ kind }) {
  const name = kind === "deleted" ? "recalled" : SYMBOLS[kind]?.[0];
  return name ? h("span", { "aria-hidden": "true", class: "icon" }, svg(name)) : null;
}

function lastMessage(chat, message) {
  const whole = `\u202a${plain(lastWords(message))}\u202c`;
  const reacted = chat.reaction ? h("span", {}, words.reacted(chat.reaction, plain(lastWords(message)))) : null;
  const line = reacted
    ? [reacted]
    : [message.mine && message.kind !== "deleted" ? listTick(message.ack) : null, ...author(chat, message), symbol(message), h("span", { dir: "ltr", class: "words" }, shown(lastWords(message)))];
  return h("span", { is: "chatLast", title: whole, class: "last" }, line);
}

// `isOpen`: what is being written in the open chat is no draft yet.
export function preview(chat, isOpen) {
  if (chat.typing) return h("span", { class: "last typing" }, h("span", { dir: "auto" }, chat.typing));
  if (chat.draft && !isOpen) return h("span", { class: "last" }, h("span", { class: "typing" }, words.draft), " ", h("span", { dir: "auto" }, shown(chat.draft)));
  const message = chat.messages.at(-1);
  return message ? lastMessage(chat, message) : null;
}
