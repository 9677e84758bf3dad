// The chat list: only the rows in sight are in the page; section headers are rows too.

import * as conversation from "./conversation.js";
import { h, icon, profile } from "./dom.js";
import { fault } from "./faults.js";
import * as model from "./model.js";
import * as socket from "./socket.js";
import { tick } from "./ticks.js";
import { pretty, titleOf } from "./titles.js";
import { words } from "./words.js";

const ROW = 72;
const SPARE = 3;
const view = { pane: null, grid: null, search: null, stranger: null };

export function header(me) {
  return h("header", { class: "side-header" }, h("b", {}, "WhatsApp"), h("span", { class: "own" }, me.pretty ?? ""));
}

export function searchBox() {
  const editable = profile.search === "editable";
  const own = editable ? { contenteditable: "true", role: "textbox", title: words.search } : { type: "text", placeholder: words.search };
  view.search = h(editable ? "div" : "input", {
    is: "search",
    "data-tab": "3",
    "aria-label": words.search,
    ...own,
    on: { input: searched, keydown: keyed },
  });
  return h("div", { class: "search" }, icon("search-refreshed-thin"), view.search);
}

export function pane() {
  view.grid = h("div", { is: "chatList", role: profile.roles.chatList, "aria-label": words.chatList, class: "grid" });
  view.pane = h("div", { id: "pane-side", tabindex: "-1", on: { scroll: paint } }, view.grid);
  return view.pane;
}

export function refresh() {
  if (view.grid) paint();
}

const wanted = () => (view.search.value ?? view.search.textContent).trim().toLowerCase();

function clearSearch() {
  if (profile.search === "editable") view.search.replaceChildren();
  else view.search.value = "";
}

const digits = (text) => text.replace(/\D/g, "");

function matches(chat, text) {
  const number = digits(text);
  return titleOf(chat).toLowerCase().includes(text) || (number.length >= 4 && digits(pretty(chat)).includes(number));
}

// Rows as {header} or {chat}: all chats, or what the search found.
function rows() {
  const text = wanted();
  const found = text ? model.sorted().filter((chat) => matches(chat, text)) : model.sorted();
  const list = [];
  if (found.length) list.push({ header: words.chats }, ...found.map((chat) => ({ chat })));
  if (text && view.stranger && !found.some((chat) => chat.id === view.stranger.id)) {
    list.push({ header: words.notInContacts }, { chat: view.stranger, stranger: true });
  }
  if (text && !list.length) list.push({ header: words.noResults });
  return list;
}

function paint() {
  const list = rows();
  view.grid.style.height = `${list.length * ROW}px`;
  view.grid.setAttribute("aria-rowcount", list.length);
  const first = Math.max(0, Math.floor(view.pane.scrollTop / ROW) - SPARE);
  const last = Math.min(list.length, Math.ceil((view.pane.scrollTop + view.pane.clientHeight) / ROW) + SPARE);
  const old = new Map([...view.grid.children].map((node) => [node.dataset.key, node]));
  const fresh = [];
  for (let place = first; place < last; place++) fresh.push(placed(list[place], place, old));
  view.grid.replaceChildren(...fresh);
}

// A row that shows the same as before stays the same node.
function placed(row, place, old) {
  const { chat } = row;
  const key = row.header ? `header ${row.header}` : JSON.stringify([chat.id, titleOf(chat), chat.unread, chat.marked, shownTime(chat.t), ...newest(chat), chat === model.openChat(), fault("unknown_tick")]);
  const node = old.get(key) ?? (row.header ? headerRow(row.header) : chatRow(chat));
  node.dataset.key = key;
  node.style.transform = `translateY(${place * ROW}px)`;
  return node;
}

function headerRow(text) {
  return h("div", { role: profile.roles.chat, class: "row section" }, h("div", { role: "gridcell" }, text));
}

// The hour of today, "Ontem", or a date.
function shownTime(at) {
  const day = (moment) => new Date(moment).toLocaleDateString(words.locale, { day: "2-digit", month: "2-digit", year: "numeric" });
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false };
  if (day(at * 1000) === day(Date.now())) return new Date(at * 1000).toLocaleTimeString(words.locale, clock);
  return day(at * 1000) === day(Date.now() - 86400e3) ? words.yesterday : day(at * 1000);
}

const newest = (chat) => { const last = chat.messages.at(-1); return last ? [last.mine, last.ack, last.kind === "text" ? last.text : last.text || last.kind] : [false, 0, ""]; };

function chatRow(chat) {
  const [mine, ack, last_] = newest(chat);
  const selected = chat === model.openChat();
  const title = h("div", { is: "chatTitle", class: "title" }, h("span", { dir: "auto", title: titleOf(chat) }, titleOf(chat)));
  const time = h("div", { is: "chatTime", class: "when" }, shownTime(chat.t));
  const last = h("div", { is: "chatLast", class: "last" }, mine ? tick(ack) : null, h("span", { dir: "ltr" }, last_.replaceAll("\n", " ")));
  const unread = chat.unread
    ? h("span", { is: "unread", class: "unread", "aria-label": words.unread(chat.unread) }, String(chat.unread))
    : null;
  const cell = h("div", { is: "chatRow", class: "cell", "aria-selected": String(selected) }, title, time, last, unread);
  return h("div", { role: profile.roles.chat, class: selected ? "row selected" : "row", on: { click: () => choose(chat) } }, cell);
}

function choose(chat) {
  clearSearch();
  view.stranger = null;
  conversation.open(chat);
}

async function searched() {
  view.stranger = null;
  view.pane.scrollTop = 0;
  paint();
  const text = wanted();
  if (digits(text).length < 10 || /[a-z]/.test(text)) return;
  const said = await socket.ask("lookup", { phone: digits(text) }).catch(() => null);
  if (wanted() !== text || !said?.chat) return;
  view.stranger = { unread: 0, t: 0, messages: [], ...said.chat };
  paint();
}

function keyed(event) {
  if (event.key === "Escape") {
    clearSearch();
    searched();
  }
  const first = rows().find((row) => row.chat);
  if (event.key === "Enter") event.preventDefault();
  if (event.key === "Enter" && wanted() && first) choose(first.chat);
}
