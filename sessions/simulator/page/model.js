// The chats and messages in memory and on the browser's disk, and the messages on their way out.

import { faultAt } from "./faults.js";
import { dieWith } from "./mishaps.js";
import * as socket from "./socket.js";
import * as store from "./store.js";
import { pause, timing } from "./words.js";

const ORDER = ["pending", "sent", "delivered", "read"];
export const chats = new Map();
const open = { waId: null, messages: [] };
const early = new Map();
const sending = new Map();
let changed = () => {};

export const onChange = (listener) => {
  changed = listener;
};

export const now = () => Date.now() / 1000;

export const openChat = () => chats.get(open.waId) ?? null;

export const openMessages = () => open.messages;

export const sorted = () => [...chats.values()].filter((chat) => chat.at > 0).sort((one, other) => other.at - one.at);

export async function load() {
  for (const chat of await store.allChats()) chats.set(chat.wa_id, chat);
}

export function chatOf(found) {
  if (!chats.has(found.wa_id)) {
    chats.set(found.wa_id, { wa_id: found.wa_id, unread: 0, at: 0, last: "", mine: false, tick: "" });
  }
  return Object.assign(chats.get(found.wa_id), { name: found.name, pretty: found.pretty });
}

export async function enter(chat) {
  open.waId = chat.wa_id;
  open.messages = await store.chatMessages(chat.wa_id, 80);
  if (chat.unread) {
    chat.unread = 0;
    await store.saveChats([chat]);
  }
  changed();
}

export const leave = () => {
  open.waId = null;
  open.messages = [];
};

export function forget() {
  chats.clear();
  sending.clear();
  early.clear();
  leave();
}

// A page about to die takes nothing more: what it has heard is told again to the next one.
export const isDoomed = () => [...sending.values()].some((message) => message.doomed);

export const settle = () => changed();

// One frame after another: two that count the same chat's badge at once would count one less.
let taking = Promise.resolve();

export function take(events) {
  taking = taking.catch(() => {}).then(() => remember(events));
  return taking;
}

// Once everything that came before now is shown.
export const taken = () => taking.catch(() => {});

// What the server tells, oldest first. Telling twice changes nothing.
export async function remember(events, { unread = true } = {}) {
  const touched = new Set();
  for (const event of events) {
    if (event.kind === "receipt") await advance(event.id, event.tick, touched);
    else if (await isNew(event.id)) await add(event, unread, touched);
  }
  await store.saveChats([...touched]);
  changed();
}

const known = (id) => open.messages.find((message) => message.id === id);

const isNew = async (id) => !sending.has(id) && !known(id) && !(await store.message(id));

async function add(event, unread, touched) {
  const mine = event.kind === "sent";
  const chat = chatOf(event);
  const message = {
    id: event.id,
    wa_id: event.wa_id,
    text: event.text,
    at: event.at,
    mine,
    tick: mine ? event.tick ?? "sent" : "",
    attachment: event.attachment ?? null,
  };
  const counts = !mine && unread;
  const arrived = { ...chat, unread: chat.unread + (counts && open.waId !== chat.wa_id ? 1 : 0) };
  touch(arrived, message);
  await store.saveArrival(message, arrived);
  if (open.waId !== chat.wa_id) chat.unread += counts ? 1 : 0;
  else if (!known(message.id)) open.messages.push(message);
  touch(chat, message);
  touched.add(chat);
}

function touch(chat, message) {
  if (message.at < chat.at) return;
  Object.assign(chat, { at: message.at, last: message.text, mine: message.mine, tick: message.tick });
}

async function advance(id, tick, touched) {
  const message = known(id) ?? sending.get(id) ?? (await store.message(id));
  if (!message) {
    early.set(id, tick);
    return;
  }
  if (message.doomed || ORDER.indexOf(tick) <= ORDER.indexOf(message.tick)) return;
  message.tick = tick;
  const chat = chats.get(message.wa_id);
  if (chat && chat.at === message.at) {
    chat.tick = tick;
    touched.add(chat);
  }
  await store.saveMessages([message]);
}

// Messages on their way

const newId = () =>
  "3EB0" + [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();

// The row shows at once, pending. The message leaves after a moment; only then it is on disk: a page
// that is closed right after Enter has lost it.
export async function send(chat, text, attachment = null) {
  const message = { id: newId(), wa_id: chat.wa_id, text, at: now(), mine: true, tick: "pending", attachment };
  sending.set(message.id, message);
  if (open.waId === chat.wa_id) open.messages.push(message);
  touch(chat, message);
  changed();
  await pause(timing.before_wire);
  if (faultAt("crash", "sent")) {
    message.doomed = true;
    await dieWith(() => toServer(message));
  }
  const answer = onWire(message);
  await store.saveMessages([message]);
  await store.saveChats([chat]);
  await answer;
}

const toServer = ({ id, wa_id, text, attachment }) => socket.ask("send", { id, to: wa_id, text, attachment });

async function onWire(message) {
  try {
    const said = await toServer(message);
    await acknowledged(message, said);
  } catch (error) {
    if (error.message !== "lost") message.refused = error.message;
    await store.saveMessages([message]);
  }
  changed();
}

async function acknowledged(message, said) {
  const touched = new Set();
  await advance(message.id, said.tick, touched);
  if (early.has(message.id)) await advance(message.id, early.get(message.id), touched);
  early.delete(message.id);
  sending.delete(message.id);
  await store.saveChats([...touched]);
}

// After a loss, and after a restart of the page, what is still pending goes out again, same id.
export async function resend() {
  for (const message of await store.pendingMessages()) {
    if (message.refused) continue;
    const alive = known(message.id) ?? sending.get(message.id) ?? message;
    sending.set(message.id, alive);
    await onWire(alive);
  }
}
