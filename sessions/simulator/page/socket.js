// The connection to the server: operations with answers, news, and coming back after a loss.

import { openLine } from "./line.js";
import { pause, scaled, settings, timing } from "./words.js";

const IDLE = [15, 30];
// However much time is shortened: a machine under load may take some seconds to answer.
const SILENT_AFTER_SEND = Math.max(20, 6 / settings.scale);

const listeners = new Map();
const waiting = new Map();
let socket = null;
let serial = 0;
let stopped = false;
let heardAt = 0;
let sentAt = 0;
let pingAt = 0;
let pinging = false;
let watch = 0;

// As WhatsApp's own models call them: OPENING PAIRING UNPAIRED CONNECTED CONFLICT, and DISCONNECTED SYNCING RESUMING CONNECTED.
export const standing = { state: "OPENING", stream: "DISCONNECTED", device: "" };

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
  if (op === "send") {
    sentAt = Date.now();
    ping();
  }
  return answer;
}

// Whether the server answered; false at once without a connection, or while another ping is out.
export async function ping() {
  if (!isOpen() || pinging) return false;
  pinging = true;
  return ask("ping")
    .then(() => true, () => false)
    .finally(() => {
      pinging = false;
    });
}

// A network that is cut without a word shows only by this: for so long nothing has come.
function keepWatch() {
  clearInterval(watch);
  heardAt = Date.now();
  sentAt = 0;
  pingLater();
  watch = setInterval(() => {
    const silent = Date.now() - heardAt;
    const unanswered = sentAt > heardAt && Date.now() - sentAt > scaled(SILENT_AFTER_SEND) * 1000;
    if (unanswered || silent > timing.notice_cut * 1000) socket.close();
    else if (Date.now() > pingAt) {
      pingLater();
      ping();
    }
  }, scaled(1) * 1000);
}

// The connection is never idle for longer than this, though nobody writes.
function pingLater() {
  const [least, most] = IDLE;
  pingAt = Date.now() + scaled(least + Math.random() * (most - least)) * 1000;
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
  pinging = false;
  if (standing.state === "CONNECTED") standing.state = "OPENING";
  standing.stream = "DISCONNECTED";
  listeners.get("lost")?.();
}

export function connect() {
  stopped = false;
  const mine = openLine(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page/socket?device=${standing.device}`);
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

export function disconnect(state = "OPENING") {
  stopped = true;
  standing.state = state;
  socket?.close();
}
