// Messages on their way from this page to the server.

import { faultAt } from "./faults.js";
import { dieWith } from "./mishaps.js";
import * as model from "./model.js";
import * as socket from "./socket.js";
import * as store from "./store.js";
import { pause, timing } from "./words.js";

const newId = () =>
  "3EB0" + [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();

function kindOf(attachment) {
  if (!attachment) return "text";
  const [family] = attachment.type.split("/");
  return ["image", "video"].includes(family) ? family : "document";
}

const written = (chat, text, attachment) => ({
  id: newId(),
  chat: chat.id,
  mine: true,
  author: "",
  author_number: "",
  author_saved: false,
  kind: kindOf(attachment),
  text,
  title: attachment?.name ?? "",
  at: model.now(),
  ack: 0,
  edited: false,
  quoted: null,
  reactions: [],
  attachment,
  fresh: true,
});

// The row shows at once, pending. The message leaves after a moment; only then it is on disk: a page
// that is closed right after Enter has lost it.
export async function send(chat, text, attachment = null) {
  const message = written(chat, text, attachment);
  model.sending.set(message.id, message);
  model.place(chat.messages, message);
  model.touch(chat, message);
  model.settle();
  await pause(timing.before_wire);
  if (faultAt("crash", "sent")) {
    message.doomed = true;
    await dieWith(() => toServer(message));
  }
  delete message.fresh;
  const answer = onWire(message);
  await store.saveMessages([message]);
  await store.saveChats([chat]);
  await answer;
}

const toServer = ({ id, chat, text, attachment }) => socket.ask("send", { id, to: chat, text, attachment });

async function onWire(message) {
  try {
    const said = await toServer(message);
    await model.acknowledged(message, said.ack);
  } catch (error) {
    if (error.message !== "lost") message.refused = error.message;
    await store.saveMessages([message]);
  }
  model.settle();
}

// After a loss, and after a restart of the page, what is still pending goes out again, same id.
export async function resend() {
  model.tellAgain();
  for (const message of await store.pendingMessages()) {
    if (message.refused) continue;
    const alive = model.sending.get(message.id) ?? model.openMessages().find(({ id }) => id === message.id) ?? message;
    model.sending.set(message.id, alive);
    await onWire(alive);
  }
}
