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
  const items = Object.entries(ITEMS).map(([name, action], place) =>
    h(
      "button",
      {
        "aria-label": words.bar[name],
        "aria-pressed": String(place === 0),
        "data-navbar-item": "true",
        "data-navbar-item-selected": String(place === 0),
        "data-navbar-item-index": String(place),
        class: "round quiet",
        on: { click: action },
        ...profile.testid(`navbar-item-${name}`),
      },
      icon(`ic-${name}`),
    ),
  );
  return h("header", { is: "bar", "data-tab": "2", class: "bar" }, h("div", { is: "barItems" }, items));
}

export function header(me) {
  const fresh = h("button", { is: "newChat", "aria-label": words.newChat, title: words.newChat, class: "round quiet", on: { click: drawers.showNewChat } }, icon("new-chat-outline"));
  return h("header", { class: "side-header" }, h("b", {}, "WhatsApp"), h("span", { class: "own" }, me.pretty ?? ""), fresh);
}
