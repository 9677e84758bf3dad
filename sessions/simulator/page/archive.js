// The archived chats: a button over the list, and a drawer in its place.

import { chatRow } from "./chat_rows.js";
import { h, icon } from "./dom.js";
import * as model from "./model.js";
import { words } from "./words.js";

const view = { entry: null, look: "", grid: null };

export function entry() {
  view.entry = h("div");
  view.look = "";
  return view.entry;
}

// The button is there where anything is archived, with the number of chats that are unread.
function button(unread) {
  const count = unread ? h("span", {}, String(unread)) : null;
  return h("button", { is: "archivedButton", "aria-label": words.archived, class: "archived", on: { click: open } }, icon("ic-archive"), h("span", {}, words.archived), count);
}

export function refresh() {
  const chats = model.archived();
  const unread = chats.filter((chat) => chat.unread > 0 || chat.marked).length;
  const look = JSON.stringify([chats.length > 0, unread, words.locale]);
  if (look !== view.look) view.entry.replaceChildren(...(chats.length ? [button(unread)] : []));
  view.look = look;
  view.grid?.replaceChildren(...model.archived().map((chat) => chatRow(chat)));
}

function open() {
  const close = () => {
    drawer.remove();
    view.grid = null;
  };
  view.grid = h("div", { role: "grid", class: "still" });
  const back = h("button", { is: "drawerClose", "aria-label": words.back, class: "round quiet", on: { click: close } }, icon("ic-arrow-back"));
  const drawer = h("div", { class: "archive", "aria-label": words.archived }, h("header", {}, back, h("h1", {}, words.archived)), view.grid);
  document.getElementById("side").append(drawer);
  refresh();
}
