// The right side: the open chat with its header, its rows and the box to write in.

import * as attach from "./attach.js";
import * as compose from "./compose.js";
import { h, icon } from "./dom.js";
import * as drawers from "./drawers.js";
import { watch } from "./hulls.js";
import * as messages from "./messages.js";
import { opensBy } from "./mishaps.js";
import * as model from "./model.js";
import { obstacle } from "./obstacles.js";
import { directed, subtitleOf, titleOf } from "./titles.js";
import { words } from "./words.js";

const REACT = `__reactProps$${Math.random().toString(36).slice(2)}`;
const view = { main: null, header: null, panel: null, footer: null, id: null, barred: "", look: "", divider: null };

export const empty = () => h("section", { is: "intro", class: "intro" }, h("div", {}, h("h1", {}, words.intro)));

opensBy(open);

export async function open(found, text = "") {
  const chat = model.chatOf(found);
  compose.keepDraft(model.chats.get(view.id));
  view.id = chat.id;
  const unread = chat.unread;
  await model.enter(chat);
  view.divider = dividerOf(chat.messages, unread);
  build(chat, text);
  model.settle();
}

// It stays where it was when the chat was opened.
function dividerOf(messages, unread) {
  const first = messages.filter((message) => !message.mine && message.kind !== "system").at(-unread);
  return unread && first ? { before: first.id, text: words.unread(unread) } : null;
}

function build(chat, text) {
  view.panel = h("div", { role: "application", "data-tab": "8" });
  const scroller = h("div", { is: "rows", class: "rows", tabindex: "0" }, h("div", { role: "button", tabindex: "0", class: "notice" }, words.olderOnPhone), view.panel);
  watch(scroller);
  view.header = header(chat);
  view.footer = h("div");
  const body = h("div", { is: "panel", class: "panel" }, h("div", { tabindex: "-1", class: "copyable-area" }, scroller));
  view.main = h("div", { is: "conversation", id: "main", class: "main" }, view.header, body, view.footer);
  // No attribute tells whose chat is open; React's key of what is inside does.
  view.main[REACT] = { children: [false, { key: chat.id }, null] };
  drawers.close();
  document.querySelector(".right").replaceChildren(view.main);
  paint(chat);
  fillFooter(chat, text);
  scroller.scrollTop = scroller.scrollHeight;
  // An unread chat opens where the unread ones begin.
  if (view.divider) view.panel.querySelector(`[data-id="${view.divider.before}"]`).scrollIntoView({ block: "center" });
}

const headOf = (chat) => [titleOf(chat), subtitleOf(chat), chat.own, chat.photo, words.locale].join("\n");

// What carries a title attribute here says "profile details", and who has no photo an icon: the name is only text.
function header(chat) {
  view.look = headOf(chat);
  const show = () => drawers.open(chat);
  const name = h("div", { class: "names" }, h("span", { is: "headerTitle", dir: "auto", class: "header-title" }, directed(titleOf(chat))), chat.own ? h("span", { is: "youLabel", dir: "auto" }, ` ${words.you}`) : null);
  const line = subtitleOf(chat);
  const subtitle = line ? h("div", { is: "subtitle", class: "subtitle" }, h("span", { title: line }, line)) : null;
  const picture = icon(chat.kind === "person" ? "default-contact-refreshed" : "default-group-refreshed");
  return h(
    "header",
    { is: "header", class: "chat-header" },
    h("div", { role: "button", tabindex: "0", title: words.profileInfo, class: "avatar", on: { click: show } }, picture),
    h("div", { is: "headerInfo", role: "button", tabindex: "0", "data-tab": "6", class: "header-info", on: { click: show } }, h("div", {}, name), subtitle),
    h("button", { is: "searchChat", "aria-label": words.searchChat, "data-tab": "6", class: "round quiet" }, icon("search-refreshed-thin")),
    h("button", { is: "chatMenu", "aria-label": words.moreOptions, title: words.moreOptions, "data-tab": "6", class: "round quiet" }, icon("more-refreshed")),
  );
}

function fillFooter(chat, text) {
  const { block, bar } = obstacle(chat);
  view.barred = block;
  const fresh = bar ? h("footer", { is: "composeBox", class: "footer" }, bar) : h("footer", {}, h("div", { is: "composeBox", class: "footer" }, attach.buttons(chat), compose.box(chat, text)));
  view.footer.replaceWith(fresh);
  view.footer = fresh;
  if (!bar) compose.focus();
}

// The conditions of the account or the chat changed: the box to write in comes or goes.
export function restrict() {
  const chat = model.openChat();
  if (!chat || !view.footer?.isConnected || view.id !== chat.id) return;
  if (obstacle(chat).block === view.barred) return;
  compose.keepDraft(chat);
  fillFooter(chat, "");
}

function paint(chat) {
  messages.paint(view.panel, chat, model.openMessages(), view.divider);
}

export function refresh() {
  const chat = model.openChat();
  if (!chat || view.id !== chat.id || !view.panel?.isConnected) return;
  if (headOf(chat) !== view.look) {
    const fresh = header(chat);
    view.header.replaceWith(fresh);
    view.header = fresh;
    compose.rename(chat);
  }
  paint(chat);
}
