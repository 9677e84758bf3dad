// The chat list: only the rows near sight are whole, some more are shells, and the rest isn't in the page.

import * as archive from "./archive.js";
import { chatRow, lookOf } from "./chat_rows.js";
import * as conversation from "./conversation.js";
import { arrange, h, icon, mark, profile } from "./dom.js";
import { fault } from "./faults.js";
import * as model from "./model.js";
import * as drawers from "./side_drawers.js";
import * as socket from "./socket.js";
import { pretty, titleOf } from "./titles.js";
import { words } from "./words.js";

const ROW = 72;
const SPARE = 3;
const SHELLS = 8;
const FILTERS = {
  all: () => true,
  unread: (chat) => chat.unread > 0 || chat.marked,
  group: (chat) => chat.kind === "group" || chat.kind === "community",
  favorites: () => false,
};
const looks = new WeakMap();
const view = { pane: null, grid: null, search: null, end: null, stranger: null, filter: "all" };

// While it holds a query the box has no label, a button beside it clears it, and opening a chat leaves it there.
export function searchBox() {
  view.search = h("input", { type: "text", role: "textbox", "data-tab": "3", "aria-label": words.search, placeholder: words.search, on: { input: searched, keydown: keyed } });
  view.end = h("button", { "aria-label": "End icon button", class: "round quiet", hidden: true, on: { click: clear } }, icon("ic-close"));
  return h("div", { is: "search", class: "search" }, icon("search-refreshed-thin"), view.search, view.end);
}

export function filters() {
  view.filter = "all";
  const choose = (name) => {
    view.filter = name;
    for (const one of bar.querySelectorAll("[role=tab]")) one.setAttribute("aria-selected", String(one.id === `${name}-filter`));
    refresh();
  };
  const bar = h(
    "div",
    { role: "tablist", class: "filters" },
    Object.keys(FILTERS).map((name) => h("button", { id: `${name}-filter`, role: "tab", "aria-selected": String(name === "all"), class: "filter", on: { click: () => choose(name) }, ...profile.testid(`${name}-filter`) }, words.filters[name])),
    h("button", { id: "additional-filters", "aria-label": words.moreFilters, class: "filter" }, icon("ic-expand-more")),
  );
  return bar;
}

export function pane() {
  view.grid = h("div", { is: "chatList", role: "grid", "aria-label": words.chatList, class: "grid" });
  view.pane = h("div", { id: "pane-side", tabindex: "-1", on: { scroll: paint } }, archive.entry(), view.grid, h("div", { is: "encrypted", class: "notice" }, icon("lock-small-refreshed"), h("span", {}, words.encrypted)));
  return view.pane;
}

export function refresh() {
  if (!view.grid) return;
  archive.refresh();
  drawers.refresh();
  paint();
}

const wanted = () => view.search.value.trim().toLowerCase();
const digits = (text) => text.replace(/\D/g, "");

function matches(chat, text) {
  const number = digits(text);
  return titleOf(chat).toLowerCase().includes(text) || (number.length >= 4 && (chat.number.includes(number) || digits(pretty(chat)).includes(number)));
}

// Channels have a tab of their own.
const listed = () => model.sorted().filter((chat) => chat.kind !== "channel");

// Rows as {header} or {chat}: all chats of the filter, or what the search found.
function rows() {
  const text = wanted();
  if (!text) return listed().filter(FILTERS[view.filter]).map((chat) => ({ chat }));
  const found = listed().filter((chat) => matches(chat, text));
  const list = [];
  if (found.length) list.push({ header: words.chats.toUpperCase() }, ...found.map((chat) => ({ chat })));
  if (view.stranger && !found.some((chat) => chat.id === view.stranger.id)) {
    list.push({ header: words.notInContacts.toUpperCase() }, { chat: view.stranger, stranger: true });
  }
  return list.length ? list : [{ header: words.noResults }];
}

function paint() {
  const list = rows();
  const { clientHeight } = view.pane;
  const scrollTop = view.pane.scrollTop - view.grid.offsetTop;
  view.grid.style.height = `${list.length * ROW}px`;
  mark(view.grid, { "aria-rowcount": list.filter((row) => row.chat).length });
  const sight = { first: Math.floor(scrollTop / ROW) - SPARE, last: Math.ceil((scrollTop + clientHeight) / ROW) + SPARE };
  const old = new Map([...view.grid.children].map((node) => [looks.get(node), node]));
  const fresh = [];
  for (let place = Math.max(0, sight.first - SHELLS); place < Math.min(list.length, sight.last + SHELLS); place++) {
    fresh.push(placed(list[place], place, old, place < sight.first || place >= sight.last));
  }
  arrange(view.grid, fresh);
}

// A row that shows the same as before stays the same node.
function placed(row, place, old, shell) {
  const look = JSON.stringify([shell, row.header ?? lookOf(row.chat), fault("unknown_tick")]);
  const node = old.get(look) ?? (row.header ? headerRow(row.header) : chatRow(row.chat, { shell }));
  looks.set(node, look);
  mark(node, profile.testid(`list-item-${place}`));
  node.style.transform = `translateY(${place * ROW}px)`;
  return node;
}

const headerRow = (text) => h("div", { role: "row", class: "row section" }, h("div", {}, text));

function clear() {
  view.search.value = "";
  searched();
}

async function searched() {
  view.stranger = null;
  view.pane.scrollTop = 0;
  view.end.hidden = !wanted();
  view.search.setAttribute("aria-label", wanted() ? "" : words.search);
  view.grid.setAttribute("aria-label", wanted() ? words.searchResults : words.chatList);
  paint();
  const text = wanted();
  if (digits(text).length < 10 || /[a-z]/.test(text)) return;
  const said = await socket.ask("lookup", { phone: digits(text) }).catch(() => null);
  if (wanted() !== text || !said?.chat) return;
  view.stranger = { unread: 0, t: 0, messages: [], ...said.chat };
  paint();
}

function keyed(event) {
  if (event.key === "Escape") clear();
  const first = rows().find((row) => row.chat);
  if (event.key === "Enter") event.preventDefault();
  if (event.key === "Enter" && wanted() && first) conversation.open(first.chat);
}
