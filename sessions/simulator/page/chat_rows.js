// A row of the chat list, nested as the real one is: a hidden text before the name, the badge beside the preview.

import * as conversation from "./conversation.js";
import { listTime } from "./dates.js";
import { h, icon, svg } from "./dom.js";
import * as model from "./model.js";
import { preview } from "./previews.js";
import { titleOf } from "./titles.js";
import { words } from "./words.js";

const REACT = `__reactFiber$${Math.random().toString(36).slice(2)}`;

const isUnread = (chat) => chat.unread > 0 || chat.marked;

const unreadWords = (chat) => (chat.unread ? words.unread(chat.unread) : words.markedUnread);

const badge = (chat) => (isUnread(chat) ? h("span", {}, h("span", { is: "unread", class: "unread", "aria-label": unreadWords(chat) }, h("span", {}, chat.unread || ""))) : null);

const titled = (text) => h("span", { dir: "auto", title: text, class: "name" }, text);

function title(chat) {
  const hidden = isUnread(chat) ? h("span", { class: "unseen" }, unreadWords(chat)) : null;
  const name = titled(chat.kind === "community" ? words.announcements : titleOf(chat));
  const you = chat.own ? h("span", { is: "youLabel", dir: "auto" }, ` ${words.you}`) : null;
  return h("div", { is: "chatTitle", class: "title" }, hidden, h("div", { class: "names" }, name, you));
}

function avatar(chat) {
  if (chat.photo) return h("img", { alt: "", draggable: "false", src: "data:image/gif;base64,R0lGODlhAQABAAAAACw=", class: "avatar" });
  return h("div", { class: "avatar" }, icon(chat.kind === "person" ? "default-contact-refreshed" : "default-group-refreshed"));
}

const label = (chat) => (chat.kind === "community" ? h("div", { is: "chatLabel" }, titled(titleOf(chat))) : null);

function second(chat, isOpen) {
  return h("div", { is: "chatSecond", class: "second" }, h("div", { class: "line" }, preview(chat, isOpen)), h("div", { role: "gridcell", "aria-colindex": "1", class: "marks" }, marks(chat), badge(chat), menuButton(chat)));
}

const marks = (chat) => [
  chat.muted ? h("span", { is: "muted", "aria-label": words.muted }, svg("mute-notifications-refreshed")) : null,
  chat.pinned ? h("span", { "aria-label": words.pinned }, svg("pinned2")) : null,
];

// The row's own menu: its button comes with the pointer.
function menuButton(chat) {
  const open = (event) => {
    event.stopPropagation();
    menu(chat, event.currentTarget.getBoundingClientRect());
  };
  return h("button", { is: "rowMenu", "aria-label": words.rowMenu, "aria-hidden": "true", class: "row-menu", on: { click: open } }, icon("ic-expand-more"));
}

function menu(chat, { bottom, left }) {
  document.querySelector(".menu")?.remove();
  const marks = isUnread(chat) ? { unread: 0, marked: false } : { marked: true };
  const deed = () => {
    box.remove();
    model.mark(chat, marks).catch(() => null);
  };
  const text = isUnread(chat) ? words.markAsRead : words.markAsUnread;
  const box = h("div", { role: "menu", class: "menu" }, h("div", { role: "menuitem", tabindex: "0", "aria-label": text, on: { click: deed } }, h("span", {}, text)));
  document.body.append(box);
  // Where there is no room below, it opens as far up as it must.
  Object.assign(box.style, { top: `${Math.min(bottom, innerHeight - box.offsetHeight)}px`, left: `${left}px` });
  setTimeout(() => addEventListener("click", () => box.remove(), { once: true }));
}

// Everything that a row shows, as one string: a row that shows the same stays the same node.
export function lookOf(chat) {
  const { messages, ...rest } = chat;
  const { attachment, ...last } = messages.at(-1) ?? {};
  return JSON.stringify([rest, last, listTime(chat.t), chat === model.openChat(), words.locale]);
}

export function cell(chat) {
  const isOpen = chat === model.openChat();
  const body = h(
    "div",
    { class: "cell-body" },
    label(chat),
    h("div", { role: "gridcell", "aria-colindex": "2", class: "first" }, title(chat), h("div", { is: "chatTime", class: "when" }, chat.t ? listTime(chat.t) : "")),
    second(chat, isOpen),
  );
  const frame = h("div", { is: chat.own ? "ownRow" : "chatRow", class: "cell" }, avatar(chat), body);
  return h("div", { "aria-selected": String(isOpen), tabindex: isOpen ? "0" : "-1", class: "hot" }, frame);
}

// A row with its cell, or the shell of one that is far from sight.
export function chatRow(chat, { shell = false, role = "row" } = {}) {
  const node = h("div", { role, class: chat === model.openChat() ? "row selected" : "row", on: { click: () => conversation.open(chat) } }, shell ? h("div") : cell(chat));
  // No attribute tells whose row it is; React's own key does.
  node[REACT] = { key: null, return: { key: `chat-${chat.id}`, return: null } };
  return node;
}
