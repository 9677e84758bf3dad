// Ticks: a label with spaces around it, and an icon whose name misleads. Read is delivered in blue.

import { h, profile, svg } from "./dom.js";
import { fault } from "./faults.js";
import { words } from "./words.js";

const NAMES = ["wds-ic-status-pending", "wds-ic-delivered", "wds-ic-read", "wds-ic-read"];
const STATES = ["pending", "sent", "delivered", "read"];

// `pending` is what the clock is called here: in the list it has a name of its own.
export function tick(ack, pending = NAMES[0]) {
  const strange = fault("unknown_tick");
  if (strange) return h("span", { "aria-label": ` ${strange.label} `, class: "tick" }, svg(strange.icon));
  const name = ack ? NAMES[ack] : pending;
  return h("span", { "aria-label": ` ${words.ticks[ack]} `, class: `tick tick-${STATES[ack]}`, ...profile.testid(name) }, svg(name));
}

export const listTick = (ack) => tick(ack, "ic-schedule");

export function setTick(node, ack) {
  const fresh = tick(ack);
  if (node.getAttribute("aria-label") !== fresh.getAttribute("aria-label")) node.replaceWith(fresh);
}
