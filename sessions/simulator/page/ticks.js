// Ticks: a label with spaces around it, and an icon whose name misleads. Read is delivered in blue.

import { h, profile, svg } from "./dom.js";
import { fault } from "./faults.js";
import { words } from "./words.js";

const STATES = ["pending", "sent", "delivered", "read"];

export function tick(ack) {
  const state = STATES[ack];
  const strange = fault("unknown_tick");
  if (strange) return h("span", { "aria-label": ` ${strange.label} `, class: "tick" }, svg(strange.icon));
  const { title, attributes } = profile.tick(state);
  return h("span", { "aria-label": ` ${words[state]} `, class: `tick tick-${state}`, ...attributes }, svg(title));
}

export function setTick(node, ack) {
  const fresh = tick(ack);
  if (node.getAttribute("aria-label") === fresh.getAttribute("aria-label")) return;
  node.replaceWith(fresh);
}
