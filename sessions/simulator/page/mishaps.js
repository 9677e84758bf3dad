// Faults that strike at a moment of writing: "typed" (the box has got text), "pressed", "sent".

import * as dialogs from "./dialogs.js";
import { fault, faultAt, played } from "./faults.js";
import * as socket from "./socket.js";

// How a chat is opened; said by conversation.js, which stands above this.
let openChat = null;
export const opensBy = (open) => (openChat = open);

// V8 has no array of so many letters and ends the process: the renderer is gone for real.
const die = () => "x".repeat(2 ** 28).split("");

// The last deed of this page. The server knows first that it is to die only once.
export async function dieWith(deed = () => null) {
  await played("crash");
  await deed();
  die();
}

export function typed() {
  if (faultAt("crash", "typed")) {
    // However long the server takes to hear of it: what was typed can't be pressed any more.
    document.querySelector("#main footer")?.remove();
    dieWith();
  }
  if (faultAt("whats_new", "typed")) news();
  if (faultAt("wrong_chat", "typed")) switchChat();
}

// Whether the press comes to nothing.
export function swallows(device) {
  if (faultAt("crash", "pressed")) {
    dieWith();
    return true;
  }
  if (faultAt("whats_new", "pressed")) {
    news();
    return true;
  }
  const deaf = fault("deaf_send");
  if (!deaf || (device === "keyboard" && !deaf.keyboard)) return false;
  played("deaf_send");
  return true;
}

export function news() {
  played("whats_new");
  dialogs.whatsNew();
}

// The number whose chat opens when this one is asked for.
export function misled(phone) {
  const wrong = faultAt("wrong_chat", "open");
  if (!wrong) return phone;
  played("wrong_chat");
  return wrong.to;
}

async function switchChat() {
  const { to } = fault("wrong_chat");
  played("wrong_chat");
  const said = await socket.ask("lookup", { phone: to }).catch(() => null);
  if (said?.chat) await openChat(said.chat);
}
