// The card of a chat at the right: of a person, of a group with its members, of a channel.

import { h, icon } from "./dom.js";
import { directed, pretty, subtitleOf, titleOf } from "./titles.js";
import { words } from "./words.js";

const SELECTABLE = "selectable-text copyable-text";

const heading = (is, text, onClose) =>
  h("header", { class: "drawer-header" }, h("button", { is: "drawerClose", "aria-label": words.close, class: "round quiet", on: { click: onClose } }, icon("ic-close")), h("div", { is, class: "drawer-title" }, h("h1", {}, text)));

const numberLine = (chat) => h("span", { dir: "auto", class: SELECTABLE }, h("span", {}, directed(pretty(chat))));

// Under a saved name the number stands at once; a username's own section has it where it is known.
function person(chat) {
  const name = h("div", {}, h("span", { is: "contactSubtitle", dir: "auto", class: SELECTABLE }, directed(titleOf(chat))));
  if (!chat.number) return h("section", {}, name);
  const section = h("div", {}, h("div", { is: "phoneSection" }, words.phone), h("div", {}, numberLine(chat)));
  return h("section", {}, name, titleOf(chat) === pretty(chat) ? null : h("div", {}, numberLine(chat)), section);
}

const member = (name) => h("div", { role: "listitem" }, h("div", { is: "chatRow", class: "cell" }, h("div", { is: "chatTitle" }, h("span", { dir: "auto", title: name }, directed(name)))));

// A second #pane-side in the page, and its rows are list items.
function group(chat) {
  const list = h("div", { id: "pane-side", class: "participants" }, h("div", { role: "list" }, [words.me, ...chat.members].map(member)));
  return h("section", { is: "groupBody" }, h("h2", {}, titleOf(chat)), h("span", {}, words.members(chat.members.length + 1)), h("div", { is: "participants" }, list));
}

const channel = (chat) => h("section", { is: "groupBody" }, h("h2", {}, titleOf(chat)), h("span", {}, subtitleOf(chat)));

const KINDS = {
  person: { header: "contactHeader", title: () => words.contactInfo, body: person },
  group: { header: "groupHeader", title: () => words.groupInfo, body: group },
  community: { header: "groupHeader", title: () => words.groupInfo, body: group },
  channel: { header: "channelHeader", title: () => words.channelInfo, body: channel },
};

const place = () => document.querySelector(".drawer-right");

export const close = () => place().replaceChildren();

// Beside the chat, never in it.
export function open(chat) {
  const { header, title, body } = KINDS[chat.kind];
  place().replaceChildren(h("div", { is: "drawer", class: "drawer" }, heading(header, title(), close), body(chat)));
}
