// The button over the list that leads to the archived chats.

import { h, icon } from "./dom.js";
import * as model from "./model.js";
import { showArchived } from "./side_drawers.js";
import { words } from "./words.js";

const view = { entry: null, look: "" };

export function entry() {
  view.entry = h("div");
  view.look = "";
  return view.entry;
}

function button(unread) {
  const count = unread ? h("span", {}, String(unread)) : null;
  return h("button", { is: "archivedButton", "aria-label": words.archived, class: "archived", on: { click: showArchived } }, icon("ic-archive"), h("span", {}, words.archived), count);
}

// It is there where anything is archived, with the number of chats that are unread.
export function refresh() {
  const chats = model.archived();
  const unread = chats.filter((chat) => chat.unread > 0 || chat.marked).length;
  const look = JSON.stringify([chats.length > 0, unread, words.locale]);
  if (look !== view.look) view.entry.replaceChildren(...(chats.length ? [button(unread)] : []));
  view.look = look;
}
