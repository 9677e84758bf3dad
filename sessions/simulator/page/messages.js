// The rows of the open chat. A row stays the same node while its message lives; only its tick changes.

import { h, icon, profile } from "./dom.js";
import { setTick, tick } from "./ticks.js";
import { titleOf } from "./titles.js";
import { words } from "./words.js";

export function paint(panel, chat, messages) {
  const old = new Map([...panel.querySelectorAll("[data-id]")].map((node) => [node.dataset.id, node]));
  const atEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 120;
  let grew = old.size === 0;
  messages.forEach((message, place) => {
    const node = old.get(profile.messageId(message));
    const mark = node?.querySelector(".tick");
    if (mark) setTick(mark, message.ack);
    const text = node?.querySelector(".selectable-text");
    if (text && text.textContent !== message.text) text.firstChild.textContent = message.text;
    if (node) return;
    panel.append(row(chat, message, messages[place - 1]?.mine !== message.mine));
    grew = true;
  });
  if (grew && atEnd) panel.scrollTop = panel.scrollHeight;
}

const clock = (at) => new Date(at * 1000).toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit", hour12: false });

const day = (at) => new Date(at * 1000).toLocaleDateString(words.locale);

function row(chat, message, firstOfGroup) {
  const author = message.mine ? words.me : `${titleOf(chat)}:`;
  const bubble = h(
    "div",
    { class: message.mine ? "bubble mine" : "bubble" },
    firstOfGroup ? icon(message.mine ? "tail-out" : "tail-in") : null,
    h("span", { "aria-label": author }),
    content(chat, message),
    h("div", { is: "meta", class: "meta" }, h("span", { dir: "auto" }, clock(message.at)), message.mine ? tick(message.ack) : null),
  );
  const holder = h("div", { tabindex: "-1", "data-id": profile.messageId(message), class: "message", ...profile.messageAttributes(message) }, bubble);
  return h("div", { role: profile.roles.message, class: "message-row" }, holder);
}

function content(chat, message) {
  const who = message.mine ? "" : `\u202a${titleOf(chat)}\u202c`;
  const plain = `[${clock(message.at)}, ${day(message.at)}] ${who}: `;
  const text = h("span", { is: "text", dir: "ltr", class: "selectable-text copyable-text" }, h("span", {}, message.text));
  const file = message.attachment ? attachment(message.attachment) : null;
  return h("div", { class: "copyable-text", "data-pre-plain-text": plain }, file, text);
}

function attachment(file) {
  const kind = file.type.startsWith("image/") ? "ic-filter-filled" : "ic-description-filled";
  return h("div", { class: "file", title: file.name }, icon(kind), h("span", {}, file.name));
}
