// What is wrong with this account now, as the server said it last.

import * as socket from "./socket.js";
import { own } from "./words.js";

let conditions = own.conditions ?? {};

// The parameters of a fault, or null when it is not on.
export function fault(name) {
  const found = conditions[name] ?? null;
  return found?.until && found.until * 1000 <= Date.now() ? null : found;
}

// The same, when it is meant for this moment.
export const faultAt = (name, moment) => (conditions[name]?.when === moment ? conditions[name] : null);

// Returns what was on before.
export function heed(next) {
  const before = conditions;
  conditions = next;
  return before;
}

// One play less of a fault that counts them. Resolves when the server has it on its disk.
export async function played(name) {
  const { times } = conditions[name] ?? {};
  if (!times) return;
  const rest = { ...conditions };
  if (times > 1) rest[name] = { ...conditions[name], times: times - 1 };
  else delete rest[name];
  conditions = rest;
  await socket.ask("played", { fault: name }).catch(() => null);
}
