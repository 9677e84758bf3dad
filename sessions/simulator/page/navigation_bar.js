// The bar at the left, and the header over the list.

import { h, icon, profile } from "./dom.js";
import * as drawers from "./side_drawers.js";
import { words } from "./words.js";

const ITEMS = {
  chats: drawers.close,
  status: () => {},
  newsletters: drawers.showChannels,
  communities: () => {},
};

export function bar() {
  const items = Object.entries(ITEMS).map(([name, action]) =>
    h("button", { "aria-label": words.bar[name], class: "round quiet", on: { click: action }, ...profile.testid(`navbar-item-${name}`) }, icon(`ic-${name}`)),
  );
  return h("header", { is: "bar", class: "bar" }, items);
}

export function header(me) {
  const fresh = h("button", { is: "newChat", "aria-label": words.newChat, title: words.newChat, class: "round quiet", on: { click: drawers.showNewChat } }, icon("new-chat-outline"));
  return h("header", { class: "side-header" }, h("b", {}, "WhatsApp"), h("span", { class: "own" }, me.pretty ?? ""), fresh);
}
