// Boot: splash, then the chats when the link's key is here, the QR code when it is not.

import * as landing from "./landing.js";
import * as shell from "./shell.js";
import * as socket from "./socket.js";
import * as store from "./store.js";
import { pause, timing } from "./words.js";

let me = null;

async function proof(nonce) {
  const signature = await crypto.subtle.sign("HMAC", me.key, new TextEncoder().encode(nonce));
  return [...new Uint8Array(signature)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function logOut() {
  me = null;
  shell.close();
  await store.wipe();
  localStorage.removeItem("last-wid-md");
  history.replaceState(null, "", "/");
  socket.disconnect();
  landing.open();
  socket.connect();
}

async function linked(said) {
  const secret = Uint8Array.from(said.secret.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  me = { device: said.device, account: said.account, key };
  await store.keep(me);
  // As the real page does: its own number, beside the key that no script can read.
  localStorage.setItem("last-wid-md", JSON.stringify(`${me.account}:1@c.us`));
  landing.syncing();
  socket.disconnect();
  socket.connect();
}

async function challenged(said) {
  if (me) socket.tell("resume", { device: me.device, proof: await proof(said.nonce) });
  else socket.tell("pair");
}

async function welcomed(said) {
  if (landing.isSyncing()) await landing.sync();
  await shell.open({ ...me, pretty: said.pretty }, true);
}

async function splash() {
  const bar = document.querySelector("#wa_web_initial_startup progress");
  for (let step = 1; step <= 4; step++) {
    await pause(timing.boot / 4);
    bar.value = step * 25;
  }
}

async function boot() {
  await splash();
  me = (await store.identity()) ?? null;
  if (me && !(me.key instanceof CryptoKey)) {
    me = null;
    await store.wipe();
  }
  socket.on("challenge", challenged);
  socket.on("logout", logOut);
  socket.on("linked", linked);
  socket.on("offer", landing.offered);
  socket.on("refused", landing.refused);
  socket.on("welcome", welcomed);
  socket.on("events", shell.heard);
  socket.on("conditions", shell.conditions);
  socket.on("conflict", shell.conflict);
  socket.on("lost", shell.lost);
  if (!me) landing.open();
  socket.connect();
  if (me) openWithoutServer();
}

// Without an answer from the server the page opens from its own disk.
async function openWithoutServer() {
  await pause(timing.boot * 3);
  if (me && !shell.isOpen()) await shell.open(me, false);
}

boot();
