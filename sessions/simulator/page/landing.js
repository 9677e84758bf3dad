// Linking: the QR code that is renewed, the code by phone number, what stands in the way of both, and the first sync.

import { h, show } from "./dom.js";
import { codeBox, phoneForm, steps, tellError } from "./entry.js";
import { said } from "./landing_words.js";
import * as model from "./model.js";
import { passkeyScreen } from "./passkey.js";
import * as socket from "./socket.js";
import { pause, settings, timing, words } from "./words.js";

let loading = false;
let screen = "qr";
let last = null;
let syncScreen = null;
const presses = new Map();

export const isSyncing = () => syncScreen !== null;

export function open() {
  screen = settings.linking.screen === "database_error" ? "trouble" : "qr";
  last = null;
  syncScreen = null;
  if (screen === "trouble") trouble(said.databaseError, said.retry, () => location.reload());
  else loadThenShow();
}

async function loadThenShow() {
  loading = true;
  showQr();
  await pause(timing.qr_loading);
  loading = false;
  if (screen === "qr" && !syncScreen) showQr();
}

export function offered(offer) {
  last = offer;
  if (screen === "trouble") return;
  if (["code", "card"].includes(screen) && !offer.code && !offer.card) screen = "qr";
  if (offer.card) showCard(offer.card);
  else if (offer.code) showCode(offer.code);
  else if (offer.code_expired) expired();
  else if (screen === "qr" && !loading) showQr();
}

export function refused({ reason }) {
  if (reason === "wrong_number") tellError(words.wrongNumber);
  if (reason === "too_many_attempts") trouble(said.tooManyAttempts, words.linkByQr, backToQr);
}

// A press that comes too early, or among the first that the page doesn't hear, does nothing.
function pressed(name, action) {
  if (loading) return;
  const count = presses.get(name) ?? 0;
  presses.set(name, count + 1);
  if (count >= settings.linking.ignored_presses) action();
}

function frame(...content) {
  show(h("div", { is: "linkScreen", class: "landing-window" }, ...content));
}

const way = (text, action) => h("div", { role: "button", tabindex: "0", class: "landing-link", on: { click: action } }, text);

function trouble(text, label, action) {
  screen = "trouble";
  frame(h("div", { role: "alert", class: "landing-title" }, text), h("button", { type: "button", class: "primary", on: { click: action } }, label));
}

const stayLinked = () => h("label", { class: "landing-stay" }, h("input", { id: "auto-logout-toggle", type: "checkbox", checked: true }), said.stayLinked);

function altLinking() {
  const press = () => pressed("phone", showPhone);
  const hint = h("div", { is: "altLinkingHint", role: "button", tabindex: "0", class: "landing-link", on: { click: press } }, words.linkByPhone);
  return h("div", { is: "altLinking" }, hint);
}

function showQr() {
  const picture = last?.ref && !loading ? qr(last) : h("div", { class: "qr-loading" });
  frame(h("h1", { class: "landing-title" }, words.scanTitle), h("div", { class: "landing-columns" }, steps(words.scanSteps, { id: "link-device-instructions-list" }), picture), stayLinked(), altLinking());
}

// An expired one keeps its dead code under the overlay.
function qr(offer) {
  const box = h("div", { is: "qr", "data-ref": offer.ref, class: "qr" });
  const canvas = h("canvas", { "aria-label": words.qrLabel, role: "img", width: "264", height: "264" });
  draw(canvas, offer.squares);
  box.append(canvas);
  if (offer.expired) box.append(h("button", { is: "qrExpired", class: "qr-reload", on: { click: () => pressed("reload", reload) } }, words.reloadQr));
  return box;
}

function reload() {
  last = null;
  loadThenShow();
  socket.tell("reload_refs");
}

function draw(canvas, squares) {
  const context = canvas.getContext("2d");
  const size = canvas.width / squares.length;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#122e31";
  squares.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (row[x] === "1") context.fillRect(Math.floor(x * size), Math.floor(y * size), Math.ceil(size), Math.ceil(size));
    }
  });
}

function showPhone() {
  screen = "phone";
  frame(phoneForm((ask) => pressed("next", ask)), way(words.linkByQr, backToQr));
}

function backToQr() {
  screen = "qr";
  reload();
}

function showCode(code) {
  screen = "code";
  frame(codeBox(code), way(words.linkByQr, backToQr));
}

function expired() {
  trouble(said.codeExpired, said.newCode, showPhone);
}

function showCard(name) {
  screen = "card";
  show(h("div", { class: "landing-window" }, passkeyScreen(name, backToQr)));
}

export function syncing() {
  syncScreen = h("progress", { is: "syncProgress", value: "0", max: "100" });
  show(
    h(
      "div",
      { class: "landing-window" },
      h("div", { is: "syncScreen", class: "sync" }, h("h1", { class: "landing-title" }, words.loadingChats), syncScreen, h("p", {}, words.keepOpen)),
    ),
  );
}

// The first sync: the account's history comes onto this browser's disk.
export async function sync() {
  const answer = await socket.ask("history");
  for (let step = 1; step <= 5; step++) {
    syncScreen.value = step * 20;
    await pause(timing.sync / 5);
  }
  await model.remember(answer.events, { unread: false });
  syncScreen = null;
}
