// The rows of the open chat. A row stays the same node while its message shows the same; only its tick changes.

import { clock, dayName, isSameDay } from "./dates.js";
import { arrange, h, holds, icon, profile } from "./dom.js";
import { contentOf, hull } from "./hulls.js";
import { content, quote } from "./kinds.js";
import { emojiPicture } from "./rich.js";
import { setTick, tick } from "./ticks.js";
import { directed, pretty, titleOf } from "./titles.js";
import { words } from "./words.js";

const looks = new WeakMap();

// The place in a run of messages by the same author.
function position(messages, place) {
  const { at, mine, author: writer } = messages[place];
  const same = (other) => other && other.kind !== "system" && other.mine === mine && other.author === writer && isSameDay(other.at, at);
  return { first: !same(messages[place - 1]), last: !same(messages[place + 1]) };
}

const lookOf = (chat, message, { first, last }) =>
  JSON.stringify([titleOf(chat), words.locale, first, last, message.kind, message.text, message.title, message.edited, message.quoted, message.reactions, message.forwarded, message.at]);

// What stands between the rows is no row and has no id: days, and where the unread ones begin.
function marker(old, id, text) {
  const node = old.get(id) ?? h("div", { tabindex: "-1", class: "marker" }, h("div", { class: "notice" }, h("span", { dir: "auto" }, text)));
  looks.set(node, { id });
  return node;
}

function nodesOf(old, chat, messages, divider) {
  const nodes = [];
  messages.forEach((message, place) => {
    if (!isSameDay(message.at, messages[place - 1]?.at)) nodes.push(marker(old, `day ${dayName(message.at)}`, dayName(message.at)));
    if (divider?.before === message.id) nodes.push(marker(old, `unread ${divider.text}`, divider.text));
    nodes.push(placed(chat, message, position(messages, place), old.get(message.id)));
  });
  return nodes;
}

// `list` lies in what scrolls.
export function paint(list, chat, messages, divider) {
  const scroller = list.parentElement;
  const old = new Map([...list.children].map((node) => [looks.get(node).id, node]));
  const nodes = nodesOf(old, chat, messages, divider);
  if (holds(list, nodes)) return;
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  arrange(list, nodes);
  const wrote = messages.at(-1)?.fresh && !old.has(messages.at(-1).id);
  if (atEnd || wrote || old.size === 0) scroller.scrollTop = scroller.scrollHeight;
}

function placed(chat, message, where, old) {
  const look = lookOf(chat, message, where);
  if (old && looks.get(old).look === look) {
    const mark = contentOf(old.querySelector("[data-virtualized]")).querySelector(".tick");
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
  const inside = hull(h("div", {}, bubble, reactions(message)));
  const holder = h("div", { tabindex: "-1", "data-id": message.id, class: "message", ...profile.testid(`conv-msg-${message.id}`) }, inside);
  return h("div", { role: "row", class: "message-row" }, holder);
}

const notice = ({ text }) => h("div", { is: "notice", class: "notice" }, h("div", {}, h("span", { is: "system", dir: "auto" }, text)));

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
      forwarded(message),
      message.kind === "text" ? null : quote(message),
      content(chat, message),
      meta(message),
    ),
  );
}

const forwarded = (message) => (message.forwarded ? h("div", { is: "forwarded", class: "forwarded" }, icon("forward-refreshed"), h("span", {}, words.forwarded)) : null);

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

// Its pictures, and from two on their number.
function reactions({ reactions: all }) {
  if (!all.length) return null;
  const pictures = all.map((one) => h("div", { is: "reaction" }, h("div", {}, emojiPicture(one))));
  const count = all.length > 1 ? h("div", {}, String(all.length)) : null;
  const bubble = h("button", { is: "reactionBubble", "aria-label": words.reaction(all.join(" ")), "aria-haspopup": "true", tabindex: "0" }, h("div", {}, pictures, count));
  return h("div", { is: "addOns", class: "reactions" }, bubble);
}
