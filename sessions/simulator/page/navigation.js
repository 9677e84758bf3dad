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

export async function openNumber(phone, text = "") {
  let cancelled = false;
  const close = dialogs.startingChat(() => {
    cancelled = true;
  });
  const found = await Promise.all([socket.ask("lookup", { phone: misled(phone) }), pause(timing.starting_chat)]).catch(() => null);
  // An answer comes after all that the server told before it, and shows after it too.
  await model.taken();
  close();
  if (cancelled || !found) return;
  const [said] = found;
  if (said.chat) await conversation.open(said.chat, text);
  else dialogs.invalidNumber(said.possible ? words.notOnWhatsApp(`+${phone}`) : words.invalidNumber);
}
