// What slides over the list: the archived chats, the channels, and a new chat by name or number.

import { chatRow, lookOf } from "./chat_rows.js";
import { h, icon } from "./dom.js";
import { flatList } from "./flat_list.js";
import * as model from "./model.js";
import * as socket from "./socket.js";
import { titleOf } from "./titles.js";
import { words } from "./words.js";

const open = { drawer: null, paint: () => {} };

export function close() {
  open.drawer?.remove();
  open.drawer = null;
}

// A drawer over the list with the rows of `items()`. It stands before the list in the page, not in it.
function slide(label, items, { is = null, above = [] } = {}) {
  close();
  const back = h("button", { is: "drawerClose", "aria-label": words.back, class: "round quiet", on: { click: close } }, icon("ic-arrow-back"));
  const { list, paint } = flatList({ is, items, row: (chat) => chatRow(chat, { role: "listitem" }), look: lookOf });
  const heading = h("header", {}, back, h("div", { is: "drawerTitle" }, h("h1", {}, label)));
  open.paint = paint;
  open.drawer = h("div", { class: "side-drawer" }, heading, h("div", { class: "drawer-body", on: { scroll: paint } }, above, list));
  document.querySelector(".drawer-left").append(open.drawer);
  refresh();
}

export function refresh() {
  if (open.drawer?.isConnected) open.paint();
}

export const showArchived = () => slide(words.archived, model.archived, { is: "archivedList" });

// Channels have a tab of their own.
export const showChannels = () => slide(words.channels, () => [...model.chats.values()].filter((chat) => chat.kind === "channel"));

export function showNewChat() {
  let stranger = null;
  const people = () => {
    const wanted = box.value.trim().toLowerCase();
    const found = model.sorted().filter((chat) => chat.kind === "person" && titleOf(chat).toLowerCase().includes(wanted));
    return stranger ? [...found, stranger] : found;
  };
  const searched = async () => {
    stranger = null;
    refresh();
    const phone = box.value.replace(/\D/g, "");
    if (phone.length < 10) return;
    const said = await socket.ask("lookup", { phone }).catch(() => null);
    if (said?.chat && phone === box.value.replace(/\D/g, "")) stranger = { unread: 0, t: 0, messages: [], ...said.chat };
    refresh();
  };
  const box = h("input", { type: "text", role: "textbox", "aria-label": words.searchContacts, placeholder: words.searchContacts, on: { input: searched } });
  slide(words.newChat, people, { above: [h("div", { class: "search" }, box)] });
  box.focus();
}
