// What slides over the list: the archived chats, the channels, and a new chat by name or number.

import { chatRow } from "./chat_rows.js";
import { h, icon } from "./dom.js";
import * as model from "./model.js";
import * as socket from "./socket.js";
import { titleOf } from "./titles.js";
import { words } from "./words.js";

const open = { drawer: null, grid: null, chats: () => [] };

export function close() {
  open.drawer?.remove();
  open.drawer = null;
}

// A drawer with the rows of `chats()`, drawn anew whenever something changes.
function slide(label, chats, ...above) {
  close();
  open.chats = chats;
  open.grid = h("div", { role: "grid", class: "still" });
  const back = h("button", { is: "drawerClose", "aria-label": words.back, class: "round quiet", on: { click: close } }, icon("ic-arrow-back"));
  open.drawer = h("div", { class: "side-drawer", "aria-label": label }, h("header", {}, back, h("h1", {}, label)), above, open.grid);
  document.getElementById("side").append(open.drawer);
  refresh();
}

export function refresh() {
  if (open.drawer) open.grid.replaceChildren(...open.chats().map((chat) => chatRow(chat)));
}

export const showArchived = () => slide(words.archived, model.archived);

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
  slide(words.newChat, people, h("div", { class: "search" }, box));
  box.focus();
}
