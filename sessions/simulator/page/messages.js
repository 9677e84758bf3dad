// The rows of the open chat. A row stays the same node while its message shows the same; only its tick changes.

import { clock } from "./dates.js";
import { h, icon, profile } from "./dom.js";
import { content, quote } from "./kinds.js";
import { emojiPicture } from "./rich.js";
import { setTick, tick } from "./ticks.js";
import { directed, pretty, titleOf } from "./titles.js";
import { words } from "./words.js";

const looks = new WeakMap();

// The place in a run of messages by the same author.
function position(messages, place) {
  const same = (other) => other && other.kind !== "system" && other.mine === messages[place].mine && other.author === messages[place].author;
  return { first: !same(messages[place - 1]), last: !same(messages[place + 1]) };
}

const lookOf = (chat, message, { first, last }) =>
  JSON.stringify([titleOf(chat), words.locale, first, last, message.kind, message.text, message.title, message.edited, message.quoted, message.reactions, message.at]);

export function paint(panel, chat, messages) {
  const old = new Map([...panel.children].map((node) => [looks.get(node).id, node]));
  const atEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 120;
  const rows = messages.map((message, place) => placed(chat, message, position(messages, place), old.get(message.id)));
  const stays = rows.length === panel.children.length && rows.every((node, place) => node === panel.children[place]);
  if (stays) return;
  for (const node of old.values()) if (!rows.includes(node)) node.remove();
  rows.forEach((node, place) => {
    if (panel.children[place] !== node) panel.insertBefore(node, panel.children[place] ?? null);
  });
  if (atEnd || old.size === 0) panel.scrollTop = panel.scrollHeight;
}

function placed(chat, message, where, old) {
  const look = lookOf(chat, message, where);
  if (old && looks.get(old).look === look) {
    const mark = old.querySelector(".tick");
    if (mark) setTick(mark, message.ack);
    return old;
  }
  const node = row(chat, message, where);
  looks.set(node, { id: message.id, look });
  return node;
}

function row(chat, message, where) {
  const system = message.kind === "system";
  const bubble = system ? notice(message) : body(chat, message, where);
  const holder = h("div", { tabindex: "-1", "data-id": message.id, class: "message", ...profile.testid(`conv-msg-${message.id}`) }, h("div", {}, h("div", {}, bubble, reactions(message))));
  return h("div", { role: "row", class: "message-row" }, holder);
}

const notice = ({ text }) => h("div", { is: "notice", class: "notice" }, h("div", { is: "system" }, h("span", {}, text)));

function body(chat, message, { first, last }) {
  const name = message.mine ? words.me : message.author || titleOf(chat);
  return h(
    "div",
    { is: "container", class: message.mine ? "bubble mine" : "bubble" },
    first ? icon(message.mine ? "tail-out" : "tail-in") : null,
    h(
      "div",
      {},
      first || last ? h("span", { "aria-label": `${name}:` }) : null,
      first ? author(message) : null,
      message.kind === "text" ? null : quote(message),
      content(chat, message),
      meta(message),
    ),
  );
}

// Who wrote it in a group; whoever isn't saved goes by a name of their own, and the number beside it.
function author(message) {
  if (message.mine || !message.author) return null;
  const name = message.author_saved ? message.author : `~\u00a0${message.author}`;
  const number = message.author_saved || !message.author_number ? null : h("span", { role: "button", class: "author-number" }, directed(pretty({ number: message.author_number })));
  return h("div", { class: "author", role: "button" }, h("span", { is: "author", dir: "auto" }, name), number);
}

function meta(message) {
  const edited = message.edited ? h("span", {}, words.edited) : null;
  const hour = h("span", { dir: "auto" }, clock(message.at));
  return h("div", {}, h("div", { is: "meta", class: "meta" }, edited, hour, message.mine && message.kind !== "deleted" ? tick(message.ack) : null));
}

const reactions = (message) =>
  message.reactions.length ? h("div", { class: "reactions" }, h("button", { "aria-label": words.reaction(message.reactions.join(" ")), "aria-haspopup": "true" }, message.reactions.map((one) => emojiPicture(one)))) : null;
