// The right side: the open chat with its header, its rows and the box to write in.

import * as attach from "./attach.js";
import * as compose from "./compose.js";
import { h, icon } from "./dom.js";
import * as messages from "./messages.js";
import * as model from "./model.js";
import { blockOf, page } from "./standing.js";
import { pretty, titleOf } from "./titles.js";
import { words } from "./words.js";

const view = { main: null, panel: null, footer: null, id: null };

export const empty = () => h("div", { class: "intro" }, h("h1", {}, words.intro));

export async function open(found, text = "") {
  const chat = model.chatOf(found);
  compose.keepDraft(view.id);
  view.id = chat.id;
  await model.enter(chat);
  build(chat, text);
  model.settle();
}

function build(chat, text) {
  view.panel = h("div", { is: "panel", role: "application", class: "panel", tabindex: "0" });
  view.footer = h("footer", { class: "footer" });
  view.main = h("div", { id: "main", class: "main" }, header(chat), view.panel, view.footer);
  document.querySelector(".right").replaceChildren(view.main);
  messages.paint(view.panel, chat, model.openMessages());
  fillFooter(chat, text);
}

// A person's number stands between marks that set its direction, as in the real page.
function header(chat) {
  const title = titleOf(chat) === pretty(chat) ? `\u202a${pretty(chat)}\u202c` : titleOf(chat);
  const name = h("span", { is: "headerTitle", dir: "auto", class: "header-title" }, title);
  return h("header", { is: "header", class: "chat-header" }, h("div", { role: "button", tabindex: "0", title: words.contactInfo, on: { click: () => drawer(chat) } }, name));
}

// The contact's card: here the number shows also for a saved contact.
function drawer(chat) {
  document.querySelector(".drawer")?.remove();
  const close = h("button", { "aria-label": words.close, on: { click: () => card.remove() } }, icon("ic-close"));
  const card = h("section", { is: "drawer", class: "drawer", "aria-label": words.contactInfo }, close, h("h2", {}, titleOf(chat)), h("span", { class: "selectable-text copyable-text" }, `\u202a${pretty(chat)}\u202c`));
  view.main.append(card);
}

function obstacle(chat) {
  const why = blockOf(chat);
  if (!why) return null;
  if (why !== "timelock") return h("div", { is: "blockMessage", class: "obstacle" }, words.blocked);
  const { until } = page.timelock;
  return h("div", { is: "timelockBar", class: "obstacle" }, words.timelock(until && new Date(until * 1000).toLocaleString(words.locale)));
}

function fillFooter(chat, text) {
  const bar = obstacle(chat);
  if (bar) {
    view.footer.replaceChildren(bar);
    return;
  }
  view.footer.replaceChildren(...attach.buttons(chat), ...compose.box(chat, text));
  compose.focus();
}

// The conditions of the account changed: the box to write in comes or goes.
export function restrict() {
  const chat = model.openChat();
  if (!chat || !view.footer) return;
  const barred = view.footer.querySelector(".obstacle") !== null;
  if (barred !== (obstacle(chat) !== null)) fillFooter(chat, "");
}

export function refresh() {
  const chat = model.openChat();
  if (chat && view.id === chat.id && view.panel) messages.paint(view.panel, chat, model.openMessages());
}
