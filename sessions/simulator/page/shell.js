// The page once it is linked: list on the left, conversation on the right, and what happens to both.

import * as banners from "./banners.js";
import * as conversation from "./conversation.js";
import * as dialogs from "./dialogs.js";
import { h, show } from "./dom.js";
import { fault, faultAt, heed } from "./faults.js";
import * as list from "./list.js";
import * as mishaps from "./mishaps.js";
import * as model from "./model.js";
import * as navigation from "./navigation.js";
import * as navigationBar from "./navigation_bar.js";
import { resend } from "./sending.js";
import * as socket from "./socket.js";
import { nagLater, page, setLost } from "./standing.js";
import { own, pause, scaled, settings, speak, timing } from "./words.js";

const state = { opening: null, shown: false };

// With `online` the server has just welcomed the page; without it the page opens from its own disk.
export async function open(me, online) {
  state.opening ??= build(me);
  await state.opening;
  if (online) {
    setLost(false);
    banners.paint();
    resend();
  }
  navigation.followAddress();
}

async function build(me) {
  await pause(scaled(fault("slow_pane")?.seconds ?? 0));
  await model.load();
  model.onChange(refresh);
  speak(page.language);
  show(
    h(
      "div",
      { is: "mainScreen", class: "two" },
      navigationBar.bar(),
      h("div", { is: "drawerLeft", class: "drawer-left" }),
      h("div", { id: "side", class: "side" }, navigationBar.header(me), banners.butterbar(), list.searchBox(), list.filters(), list.pane()),
      h("div", { class: "right" }, conversation.empty()),
      h("div", { is: "drawerRight", class: "drawer-right" }),
    ),
  );
  refresh();
  if ((own.links ?? settings.linked?.links) !== "reload") navigation.followLinks();
  state.shown = true;
  strike({});
  nagLater(banners.paint);
}

export function close() {
  state.opening = null;
  state.shown = false;
  dialogs.closeAll();
  model.forget();
}

export const isOpen = () => state.opening !== null;

function refresh() {
  document.title = model.unreadChats() ? `(${model.unreadChats()}) WhatsApp` : "WhatsApp";
  list.refresh();
  conversation.restrict();
  conversation.refresh();
}

export async function heard(said) {
  await model.take(said.events);
  if (!model.isDoomed()) socket.tell("taken", { seq: said.events.at(-1).seq });
}

export function conditions(said) {
  const before = heed(said.conditions);
  if (state.shown) strike(before);
}

// What has gone wrong, or come right again, since `before`.
function strike(before) {
  const began = (name) => fault(name) && !before[name];
  if (began("whats_new") && faultAt("whats_new", "open")) mishaps.news();
  if (began("conflict")) conflict();
  if (began("offline")) dispatchEvent(new Event("offline"));
  if (["clock", "no_ack"].some((name) => before[name] && !fault(name))) resend();
  const left = (fault("timelock")?.until ?? 0) * 1000 - Date.now();
  if (left > 0 && left < 2 ** 31) setTimeout(conversation.restrict, left + 50);
  banners.paint();
  refresh();
}

export function conflict() {
  socket.disconnect("CONFLICT");
  dialogs.conflict(() => socket.connect());
}

// A cut that the browser doesn't notice shows nothing; a connection that ended shows the banner, late.
export async function lost() {
  setLost(true);
  await pause(timing.boot * 2);
  banners.paint();
}

addEventListener("offline", lost);
addEventListener("online", () => {
  setLost(!socket.isOpen());
  banners.paint();
});
