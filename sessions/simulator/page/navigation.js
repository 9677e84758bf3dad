// Opening a chat by number: the deep link /send?phone=…&text=…, and links inside the running page.
//
// A click on an anchor to /send?phone=…, https://wa.me/<digits>?text=… or
// https://api.whatsapp.com/send?… anywhere in the page opens the chat without a reload. A driver may
// put such an anchor into the page itself and click it.

import * as conversation from "./conversation.js";
import * as dialogs from "./dialogs.js";
import * as model from "./model.js";
import { misled } from "./mishaps.js";
import * as socket from "./socket.js";
import { pause, timing, words } from "./words.js";

let following = false;

// The number and text of an address, or null when it doesn't open a chat.
export function target(url) {
  const digits = (text) => (text ?? "").replace(/\D/g, "");
  const text = url.searchParams.get("text") ?? "";
  const send = url.pathname.replace(/\/$/, "") === "/send";
  if (send && (url.host === location.host || url.host === "api.whatsapp.com")) return { phone: digits(url.searchParams.get("phone")), text };
  if (url.host === "wa.me" && url.pathname.length > 1) return { phone: digits(url.pathname), text };
  return null;
}

export function followAddress() {
  const found = target(new URL(location.href));
  if (!found) return;
  history.replaceState(null, "", "/");
  openNumber(found.phone, found.text);
}

export function followLinks() {
  if (following) return;
  following = true;
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[href]");
    const found = anchor && target(new URL(anchor.href));
    if (!found) return;
    event.preventDefault();
    openNumber(found.phone, found.text);
  });
}

// Opened from the disk without asking: a chat by exactly this number.
const chatBy = (phone) => [...model.chats.values()].find((chat) => chat.number === phone && chat.t > 0);

// What the server answered for these digits in this page load.
const answers = new Map();

async function lookup(phone) {
  const said = await socket.ask("lookup", { phone });
  answers.set(phone, said);
  return said;
}

export async function openNumber(asked, text = "") {
  const phone = misled(asked);
  const here = chatBy(phone);
  if (here) {
    await conversation.open(here, text);
    return;
  }
  const said = await started(phone);
  if (!said) return;
  if (said.chat) await conversation.open({ ...said.chat, asked: phone }, text);
  else dialogs.notOnWhatsApp(`+${asked}`);
}

// The answer, with "starting chat" over the page once it takes long; null when there is none, or it was cancelled.
async function started(phone) {
  // Whose number it is stays true for this page load; what else was said of the chat then may be old.
  const known = answers.get(phone);
  if (known) return { ...known, chat: known.chat && (model.chats.get(known.chat.id) ?? known.chat) };
  let cancelled = false;
  let close = () => {};
  const show = () => {
    close = dialogs.startingChat(() => {
      cancelled = true;
    });
  };
  const timer = setTimeout(show, timing.starting_dialog * 1000);
  const said = await Promise.all([lookup(phone), pause(timing.starting_chat)])
    .then(([answer]) => answer)
    .catch(() => null);
  // An answer comes after all that the server told before it, and shows after it too.
  await model.taken();
  clearTimeout(timer);
  close();
  return cancelled ? null : said;
}
