// The page once it is linked: list on the left, conversation on the right, and what happens to both.

import * as conversation from "./conversation.js";
import * as dialogs from "./dialogs.js";
import { h, icon, show } from "./dom.js";
import * as list from "./list.js";
import * as model from "./model.js";
import * as navigation from "./navigation.js";
import * as socket from "./socket.js";
import { pause, timing, words } from "./words.js";

const state = { opened: false, conditions: {}, lost: false };
let banner = null;

// With `online` the server has just welcomed the page; without it the page opens from its own disk.
export async function open(me, online) {
  if (!state.opened) {
    state.opened = true;
    await model.load();
    model.onChange(refresh);
    banner = h("div", { is: "butterbar", class: "butterbar" });
    show(
      h(
        "div",
        { class: "two" },
        h("div", { id: "side", class: "side" }, list.header(me), banner, list.searchBox(), list.pane()),
        h("div", { class: "right" }, conversation.empty()),
      ),
    );
    refresh();
    navigation.followLinks();
  }
  if (!online) return;
  state.lost = false;
  showBanner();
  model.resend();
  navigation.followAddress();
}

export function close() {
  state.opened = false;
  dialogs.closeAll();
  model.forget();
}

export const isOpen = () => state.opened;

function refresh() {
  list.refresh();
  conversation.refresh(state.conditions);
}

export async function heard(said) {
  await model.remember(said.events);
  socket.tell("taken", { seq: said.events.at(-1).seq });
}

export function conditions(said) {
  const before = state.conditions;
  state.conditions = said.conditions;
  if (!state.opened) return;
  if (state.conditions.whats_new && !before.whats_new) dialogs.whatsNew();
  if (state.conditions.conflict && !before.conflict) conflict();
  showBanner();
  conversation.restrict(state.conditions);
}

export function conflict() {
  socket.disconnect();
  dialogs.conflict(() => socket.connect());
}

// A cut that the browser doesn't notice shows nothing; a connection that ended shows the banner, late.
export async function lost() {
  state.lost = true;
  await pause(timing.boot * 2);
  showBanner();
}

function showBanner() {
  if (!banner) return;
  const away = state.lost || state.conditions.offline_banner;
  const content = h("div", { class: "butterbar-text" }, icon("alert-computer"), h("b", {}, words.offline), h("span", {}, words.offlineHint));
  banner.replaceChildren(...(away ? [content] : []));
}

addEventListener("offline", lost);
addEventListener("online", () => {
  state.lost = !socket.isOpen();
  showBanner();
});
