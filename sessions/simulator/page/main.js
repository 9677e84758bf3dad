// Boot: splash, then the chats when the link's key is here, the QR code when it is not.

import { fault, played } from "./faults.js";
import * as landing from "./landing.js";
import * as modules from "./modules.js";
import { page } from "./standing.js";
import * as shell from "./shell.js";
import * as socket from "./socket.js";
import * as store from "./store.js";
import { pause, profileName, timing } from "./words.js";

const SYNC_DUE = "sync-due";
let me = null;
let forgot = false;

async function proof(nonce) {
  const signature = await crypto.subtle.sign("HMAC", me.key, new TextEncoder().encode(nonce));
  return [...new Uint8Array(signature)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function logOut() {
  me = null;
  socket.standing.device = "";
  shell.close();
  await store.wipe();
  localStorage.removeItem("last-wid-md");
  localStorage.removeItem(SYNC_DUE);
  history.replaceState(null, "", "/");
  socket.disconnect();
  landing.open();
  socket.connect();
}

async function linked(said) {
  const secret = Uint8Array.from(said.secret.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  me = { device: said.device, account: said.account, key };
  socket.standing.device = me.device;
  await store.keep(me);
  // As the real page does: its own number, beside the key that no script can read.
  localStorage.setItem("last-wid-md", JSON.stringify(`${me.account}:1@c.us`));
  localStorage.setItem(SYNC_DUE, "yes");
  landing.syncing();
  socket.standing.state = "PAIRING";
  socket.disconnect();
  if (await reloads(said)) return;
  socket.connect();
}

// The page starts anew for a fault, for a build that is this account's own, or for the phone's language.
async function reloads(said) {
  const asked = Boolean(said.conditions.reload_after_pairing);
  if (!asked && said.profile === profileName && (said.language ?? page.language) === page.language) return false;
  if (asked) await pause(timing.sync / 5);
  location.reload();
  return true;
}

async function challenged(said) {
  if (me) {
    socket.standing.state = "OPENING";
    socket.standing.stream = "RESUMING";
    socket.tell("resume", { device: me.device, proof: await proof(said.nonce) });
    return;
  }
  socket.standing.state = "UNPAIRED";
  socket.tell("pair");
}

async function welcomed(said) {
  socket.standing.state = "CONNECTED";
  socket.standing.stream = landing.isSyncing() ? "SYNCING" : "CONNECTED";
  shell.conditions(said);
  if (forgot) await played("lost_writes");
  forgot = false;
  if (landing.isSyncing()) {
    await landing.sync();
    localStorage.removeItem(SYNC_DUE);
    socket.standing.stream = "CONNECTED";
  }
  await shell.open({ ...me, pretty: said.pretty }, true);
}

// Whoever put the account under a fault waits for this word: from now on the page plays it.
function troubled(said) {
  shell.conditions(said);
  if (said.change) socket.tell("heeded", { change: said.change });
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
  const lost = me && fault("lost_writes");
  if (lost) await store.forget(lost);
  forgot = Boolean(lost);
  if (me) socket.standing.device = me.device;
  socket.on("challenge", challenged);
  socket.on("logout", logOut);
  socket.on("linked", linked);
  socket.on("offer", landing.offered);
  socket.on("refused", landing.refused);
  socket.on("welcome", welcomed);
  socket.on("events", shell.heard);
  socket.on("conditions", troubled);
  socket.on("conflict", shell.conflict);
  socket.on("lost", shell.lost);
  if (!me) landing.open();
  else if (localStorage.getItem(SYNC_DUE)) landing.syncing();
  socket.connect();
  if (me) openWithoutServer();
}

// Without an answer from the server the page opens from its own disk.
async function openWithoutServer() {
  await pause(timing.boot * 3);
  if (me && !shell.isOpen() && !landing.isSyncing()) await shell.open(me, false);
}

modules.install();
boot();
