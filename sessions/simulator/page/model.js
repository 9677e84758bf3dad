// The chats and messages in memory and on the browser's disk, as the server tells of them.
//
// chat: {id: "5511…@c.us" | "…@lid" | "…@g.us" | "…@newsletter", kind: "person"|"group"|"community"|"channel",
//   name (saved), verified, username, number (digits, "" where hidden), masked, own, unread, marked, archived, pinned, muted,
//   presence, members: [names], followers, photo, draft, typing, reaction, locked (no recent token: a time-lock applies),
//   block: ""|"contact"|"announcement"|"ex_member"|"old_lid"|"terms"|"timelock"|"cap", t (seconds), messages: […]}
//   messages: of a chat that was not opened in this page load only what came, and the newest before it.
// message: {id, chat, mine, author, author_number, author_saved, kind: "text"|"image"|"video"|"document"|"voice"|"sticker"|
//   "view_once"|"deleted"|"waiting"|"poll"|"list"|"buttons"|"contact"|"location"|"system", text, title, at (seconds),
//   ack: 0 clock|1 sent|2 delivered|3 read, edited, quoted: null|{author, text}, reactions: [emoji], attachment}
//
// The server tells, each with a `seq`:
//   {kind: "message", chat: <what it knows of the chat>, message: <all of it>, device}: new, or changed under the same id
//   {kind: "receipt", id, ack}
//   {kind: "chat", chat: <what it knows of the chat, with unread, marked, archived, pinned, muted, typing>}
// draft, block, reaction, t, messages and asked (the digits by which it was opened) are the page's own.

import { blockOf } from "./standing.js";
import * as socket from "./socket.js";
import * as store from "./store.js";

const SHOWN = 80;
const CONTENT = ["kind", "text", "title", "edited", "quoted", "reactions"];
const BLANK = {
  name: "", verified: "", username: "", number: "", masked: "", own: false, unread: 0, marked: false, archived: false,
  pinned: false, muted: false, presence: "", members: [], followers: 0, photo: false, draft: "", typing: "", reaction: "",
  locked: false, barred: "", asked: "", block: "", t: 0,
};

export const chats = new Map();
const open = { id: null };
const early = new Map();
const unseen = new Set();
let loaded = null;
export const sending = new Map();
let listener = () => {};

export const onChange = (heard) => {
  listener = heard;
};

export const now = () => Date.now() / 1000;

// With what stands in place of its box now: the account's standing may have changed, or a time have come.
export function openChat() {
  const chat = chats.get(open.id) ?? null;
  if (chat) chat.block = blockOf(chat);
  return chat;
}

export const openMessages = () => openChat()?.messages ?? [];

const newestFirst = (one, other) => Number(other.pinned) - Number(one.pinned) || other.t - one.t;

// The rows of the list, and those behind "archived".
export const sorted = () => [...chats.values()].filter((chat) => chat.t > 0 && !chat.archived).sort(newestFirst);

export const archived = () => [...chats.values()].filter((chat) => chat.t > 0 && chat.archived).sort(newestFirst);

// Those that the window's title counts.
export const unreadChats = () => sorted().filter((chat) => (chat.unread > 0 || chat.marked) && !chat.muted).length;

export const settle = () => listener();

// What the disk has, once: read after something was heard, it would put older chats in the place of those.
export function load() {
  loaded ??= store.allChats().then((all) => {
    for (const chat of all) if (!chats.has(chat.id)) chats.set(chat.id, chat);
  });
  return loaded;
}

// The page's one object of a chat, brought up to what the server says of it now.
export function chatOf(said) {
  const chat = chats.get(said.id) ?? { ...BLANK, messages: [] };
  Object.assign(chat, said);
  if (!chats.has(said.id)) chats.set(said.id, chat);
  return chat;
}

// The open chat is another one only when all of it is here: whoever draws meanwhile draws the one before.
export async function enter(chat) {
  const kept = await store.chatMessages(chat.id, SHOWN);
  for (const message of chat.messages) if (!kept.some(({ id }) => id === message.id)) place(kept, message);
  // What is in memory may have come further since the disk was read.
  const alive = (id) => sending.get(id) ?? chat.messages.find((message) => message.id === id);
  chat.messages = kept.map((message) => alive(message.id) ?? message);
  while (chat.unread || chat.marked) await seen(chat);
  chat.block = blockOf(chat);
  open.id = chat.id;
}

// The chat was looked at: no badge here nor on the phone, and people see blue ticks.
async function seen(chat) {
  Object.assign(chat, { unread: 0, marked: false });
  await store.saveChats([chat]);
  unseen.add(chat.id);
  tellSeen(chat.id);
}

function tellSeen(id) {
  socket.ask("seen", { chat: id }).then(
    () => unseen.delete(id),
    () => null,
  );
}

// The row's menu: what the phone shows of the chat changes with it.
export async function mark(chat, values) {
  Object.assign(chat, values);
  await store.saveChats([chat]);
  settle();
  await socket.ask("mark", { chat: chat.id, values });
}

export const markUnread = (chat) => mark(chat, { marked: true });

export const leave = () => {
  open.id = null;
};

export function forget() {
  chats.clear();
  sending.clear();
  early.clear();
  unseen.clear();
  loaded = null;
  leave();
}

// A page about to die takes nothing more: what it has heard is told again to the next one.
export const isDoomed = () => [...sending.values()].some((message) => message.doomed);

// One frame after another: two that count the same chat's badge at once would count one less.
let taking = Promise.resolve();

export function take(events) {
  taking = taking.catch(() => {}).then(load).then(() => remember(events));
  return taking;
}

// Once everything that came before now is shown.
export const taken = () => taking.catch(() => {});

// What the server tells, oldest first. Telling twice changes nothing.
export async function remember(events, { unread = true } = {}) {
  const touched = new Set();
  for (const event of events) {
    if (event.kind === "receipt") await advance(event.id, event.ack, touched);
    else if (event.kind === "chat") touched.add(chatOf(event.chat));
    else await hear(event, unread, touched);
  }
  await store.saveChats([...touched]);
  const chat = openChat();
  if (chat?.unread) await seen(chat);
  settle();
}

const inMemory = (id) => sending.get(id) ?? [...chats.values()].flatMap((chat) => chat.messages).find((message) => message.id === id);

const known = async (id) => inMemory(id) ?? (await store.message(id));

async function hear(event, unread, touched) {
  const chat = chatOf(event.chat);
  const before = await known(event.message.id);
  if (!before) await add(chat, event.message, unread);
  else if (!before.doomed && !sending.has(before.id)) await change(chat, before, event.message);
  touched.add(chat);
}

async function add(chat, message, unread) {
  const fresh = { ...message, ack: message.mine ? message.ack : 0 };
  chat.typing = "";
  if (!fresh.mine && unread && fresh.kind !== "system") chat.unread += 1;
  place(chat.messages, fresh);
  touch(chat, fresh);
  await store.saveArrival(fresh, chat);
}

// Edited, deleted, reacted to, or come late: under the same id.
async function change(chat, before, message) {
  const reacted = message.reactions.length > before.reactions.length;
  for (const name of CONTENT) before[name] = message[name];
  const shown = chat.messages.find(({ id }) => id === message.id);
  if (shown && shown !== before) for (const name of CONTENT) shown[name] = message[name];
  if (reacted) chat.reaction = message.reactions.at(-1);
  await store.saveMessages([before]);
}

// In the order of their times; of the same moment, as they came.
export function place(messages, message) {
  let at = messages.length;
  while (at > 0 && messages[at - 1].at > message.at) at -= 1;
  messages.splice(at, 0, message);
}

export function touch(chat, message) {
  if (message.at < chat.t) return;
  Object.assign(chat, { t: message.at, reaction: "" });
}

async function advance(id, ack, touched) {
  const message = await known(id);
  if (!message) {
    early.set(id, ack);
    return;
  }
  if (message.doomed || ack <= message.ack) return;
  message.ack = ack;
  const chat = chats.get(message.chat);
  const shown = chat?.messages.find((one) => one.id === id);
  if (shown) shown.ack = ack;
  if (chat) touched.add(chat);
  await store.saveMessages([message]);
}

// The server has taken a message of ours; receipts that overtook its answer count now.
export async function acknowledged(message, ack) {
  const touched = new Set();
  await advance(message.id, ack, touched);
  if (early.has(message.id)) await advance(message.id, early.get(message.id), touched);
  early.delete(message.id);
  sending.delete(message.id);
  await store.saveChats([...touched]);
}

// The connection is back: what was looked at without it is told now.
export const tellAgain = () => unseen.forEach(tellSeen);
