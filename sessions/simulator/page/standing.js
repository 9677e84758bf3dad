// How the account stands: what its phone and WhatsApp have decided, and the banners that tell of it.

import { fault } from "./faults.js";
import { own, scaled, settings } from "./words.js";

const NAG_AFTER = 10;
let lost = false;
let nags = false;

// Page-wide: language and clock are the phone's once linked. timelock: null|{type, until}, until in
// seconds, 0 without an end; cap: null|{total, used, status}; banners: "notifications"|"update"|
// "background_sync"|"language"|"notice"|"timelock"|"cap"|"offline".
export const page = {
  language: own.language ?? settings.language,
  hour12: own.hour12 ?? false,
  get timelock() {
    const lock = fault("timelock");
    return lock && { type: lock.type, until: lock.until };
  },
  get cap() {
    const cap = fault("cap");
    return cap && { total: cap.total, used: cap.used, status: cap.status };
  },
  get banners() {
    return [
      ...(nags && Notification.permission !== "granted" ? ["notifications"] : []),
      ...(fault("banners")?.names ?? []),
      ...(page.timelock ? ["timelock"] : []),
      ...(page.cap && page.cap.status !== "NONE" ? ["cap"] : []),
      ...(lost || fault("offline_banner") ? ["offline"] : []),
    ];
  },
};

// The connection is gone, or is back.
export function setLost(value) {
  lost = value;
}

// Some seconds after loading, whoever didn't grant notifications is asked for them; `shown` paints it.
export function nagLater(shown) {
  if (nags) return;
  setTimeout(() => {
    nags = true;
    shown();
  }, scaled(NAG_AFTER) * 1000);
}

// What keeps one from writing in a chat, or "": the chat's own reason before the account's.
export function blockOf(chat) {
  const blocked = fault("blocked");
  if (blocked) return blocked.kind;
  if (chat.barred) return chat.barred;
  if (chat.kind !== "person" || chat.own) return "";
  if (page.timelock && chat.locked) return "timelock";
  return page.cap?.status === "CAPPED" && !chat.t ? "cap" : "";
}
