// The connection to the server: operations with answers, news, and coming back after a loss.

import { pause, timing } from "./words.js";

const listeners = new Map();
const waiting = new Map();
let socket = null;
let serial = 0;
let stopped = false;
let heardAt = 0;
let watch = 0;

export const on = (op, listener) => listeners.set(op, listener);

export const isOpen = () => socket?.readyState === WebSocket.OPEN;

export function tell(op, values = {}) {
  if (isOpen()) socket.send(JSON.stringify({ op, ...values }));
}

// Resolves with the server's answer; rejects with its reason, or "lost" when the connection ends.
export function ask(op, values = {}) {
  if (!isOpen()) return Promise.reject(new Error("lost"));
  const rid = ++serial;
  const answer = new Promise((resolve, reject) => waiting.set(rid, { resolve, reject }));
  tell(op, { rid, ...values });
  return answer;
}

// A network that is cut without a word shows only by this: for so long nothing has come.
function keepWatch() {
  clearInterval(watch);
  heardAt = Date.now();
  watch = setInterval(() => {
    if (Date.now() - heardAt > timing.notice_cut * 1000) socket.close();
    else ask("ping").catch(() => null);
  }, (timing.notice_cut * 1000) / 3);
}

function hear(frame) {
  heardAt = Date.now();
  const said = JSON.parse(frame.data);
  const asked = waiting.get(said.rid);
  if (asked) {
    waiting.delete(said.rid);
    if (said.op === "refused") asked.reject(new Error(said.reason));
    else asked.resolve(said);
    return;
  }
  listeners.get(said.op)?.(said);
}

function lose() {
  for (const { reject } of waiting.values()) reject(new Error("lost"));
  waiting.clear();
  listeners.get("lost")?.();
}

export function connect() {
  stopped = false;
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page/socket`);
  socket = mine;
  mine.onopen = keepWatch;
  mine.onmessage = hear;
  mine.onclose = async () => {
    // One that was replaced in the meantime must not come back and displace its successor.
    if (socket !== mine) return;
    lose();
    await pause(Math.max(0.2, timing.boot / 2));
    if (!stopped && socket === mine) connect();
  };
}

export function disconnect() {
  stopped = true;
  socket?.close();
}
