// Linking: the QR code that is renewed, the code by phone number, and the progress of the first sync.

import { h, show } from "./dom.js";
import * as model from "./model.js";
import * as socket from "./socket.js";
import { pause, timing, words } from "./words.js";

let loading = false;
let screen = "qr";
let last = null;
let syncScreen = null;

export const isSyncing = () => syncScreen !== null;

export function open() {
  screen = "qr";
  last = null;
  syncScreen = null;
  loadThenShow();
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
  if (screen === "code" && !offer.code) screen = "qr";
  if (offer.code) showCode(offer.code);
  else if (screen === "qr" && !loading) showQr();
}

export function refused(said) {
  const place = document.getElementById("link-device-phone-number-entry-screen-error");
  if (place && said.reason === "wrong_number") place.textContent = words.wrongNumber;
}

function frame(...content) {
  show(h("div", { class: "landing-window" }, ...content));
}

function steps(list, attributes = {}) {
  return h("ol", { class: "landing-steps", ...attributes }, ...list.map((text) => h("li", {}, text)));
}

function altLinking(text, action) {
  const hint = h("div", { is: "altLinkingHint", role: "button", tabindex: "0", class: "landing-link", on: { click: action } }, text);
  return h("div", { is: "altLinking" }, hint);
}

function showQr() {
  const picture = last?.ref && !loading ? qr(last) : h("div", { class: "qr-loading" });
  frame(
    h("h1", { class: "landing-title" }, words.scanTitle),
    h("div", { class: "landing-columns" }, steps(words.scanSteps), picture),
    altLinking(words.linkByPhone, showPhone),
  );
}

function qr(offer) {
  const box = h("div", { is: "qr", "data-ref": offer.ref, class: "qr" });
  const canvas = h("canvas", { "aria-label": words.qrLabel, role: "img", width: "264", height: "264" });
  draw(canvas, offer.squares);
  box.append(canvas);
  if (offer.expired) box.append(h("button", { class: "qr-reload", on: { click: reload } }, words.reloadQr));
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
  const input = h("input", { is: "phoneInput", type: "text", "aria-label": words.phoneLabel, value: "+55 " });
  const ask = (event) => {
    event.preventDefault();
    document.getElementById("link-device-phone-number-entry-screen-error").textContent = "";
    socket.tell("ask_code", { phone: input.value });
  };
  frame(
    h(
      "form",
      { is: "phoneScreen", class: "landing-form", on: { submit: ask } },
      h("h1", { class: "landing-title" }, words.phoneTitle),
      input,
      h("div", { id: "link-device-phone-number-entry-screen-error", class: "landing-error", role: "alert" }),
      h("button", { is: "phoneNext", type: "submit", class: "primary" }, words.next),
    ),
    h("div", { role: "button", tabindex: "0", class: "landing-link", on: { click: backToQr } }, words.linkByQr),
  );
}

function backToQr() {
  screen = "qr";
  reload();
}

function showCode(code) {
  screen = "code";
  const instructions = "link-device-phone-number-code-screen-instructions";
  const letters = [...code].map((letter) => h("span", { class: "code-letter" }, letter));
  letters.splice(4, 0, h("span", {}, "-"));
  frame(
    h(
      "div",
      { is: "codeScreen" },
      h("h1", { class: "landing-title" }, words.codeTitle),
      h("div", { is: "codeBox", "data-link-code": [...code].join(","), "aria-details": instructions, class: "code" }, ...letters),
      steps(words.codeSteps, { id: instructions }),
    ),
    h("div", { role: "button", tabindex: "0", class: "landing-link", on: { click: backToQr } }, words.linkByQr),
  );
}

export function syncing() {
  syncScreen = h("progress", { is: "syncProgress", value: "0", max: "100" });
  frame(
    h("div", { is: "syncScreen", class: "sync" }, h("h1", { class: "landing-title" }, words.loadingChats), syncScreen, h("p", {}, words.keepOpen)),
  );
}

// The first sync: the account's history comes onto this browser's disk.
export async function sync() {
  const said = await socket.ask("history");
  for (let step = 1; step <= 5; step++) {
    syncScreen.value = step * 20;
    await pause(timing.sync / 5);
  }
  await model.remember(said.events, { unread: false });
  syncScreen = null;
}
