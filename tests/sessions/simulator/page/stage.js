// In the place of the simulator's main.js: the page without its server, showing what a test put into its memory.

import * as conversation from "./conversation.js";
import * as dialogs from "./dialogs.js";
import * as landing from "./landing.js";
import * as list from "./list.js";
import * as model from "./model.js";
import * as shell from "./shell.js";
import { page } from "./standing.js";
import * as store from "./store.js";
import { timing } from "./words.js";

async function show({ chats, open, text, banners, timelock, cap, ...around }) {
  Object.assign(page, around);
  // What was sent a moment ago must not come to the disk after it was wiped.
  while ([...model.sending.values()].some(({ fresh }) => fresh)) await new Promise((resolve) => setTimeout(resolve, 5));
  shell.close();
  await store.wipe();
  await shell.open({ account: "5511988880000" }, false);
  for (const chat of chats) model.chats.set(chat.id, chat);
  shell.conditions({ conditions: { banners: { names: banners }, ...(timelock && { timelock }), ...(cap && { cap }) } });
  if (open) await conversation.open(model.chats.get(open), text);
}

// The same chats, changed: what came in the meantime.
function change(chats) {
  for (const chat of chats) Object.assign(model.chats.get(chat.id), chat);
  list.refresh();
  conversation.refresh();
}

const sent = () => model.openChat().messages.filter((message) => message.mine).map((message) => message.text);

window.stage = { show, change, sent, dialogs, landing, timing };
