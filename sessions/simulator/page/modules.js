// The page's own modules, as WhatsApp's loader hands them to scripts: a second sense beside the DOM.
//
// A page has them ("with"), has none ("without"), or has them under names that changed ("renamed").

import * as model from "./model.js";
import * as socket from "./socket.js";
import { page } from "./standing.js";
import { fault } from "./faults.js";
import { own, settings } from "./words.js";

const TYPES = {
  text: "chat", voice: "ptt", view_once: "image", deleted: "revoked", waiting: "ciphertext", poll: "poll_creation",
  buttons: "interactive", contact: "vcard", system: "gp2",
};

const wid = (id) => {
  const [user, server] = id.split("@");
  return { user, server, _serialized: id, toString: () => id, isLid: () => server === "lid", isGroup: () => server === "g.us" };
};

const key = ({ id, mine, chat }) => ({ id, fromMe: mine, remote: wid(chat), _serialized: `${mine}_${chat}_${id}` });

const seconds = (at) => Math.floor(at);

function msg(message) {
  const captioned = ["image", "video", "document"].includes(message.kind);
  return {
    id: key(message),
    type: TYPES[message.kind] ?? message.kind,
    isViewOnce: message.kind === "view_once",
    body: captioned ? "" : message.text || message.title,
    caption: captioned ? message.text : undefined,
    ack: message.ack,
    t: seconds(message.at),
  };
}

function chat(one) {
  const last = one.messages.at(-1);
  return {
    id: wid(one.id),
    t: seconds(one.t),
    lastReceivedKey: last ? key(last) : undefined,
    unreadCount: one.marked && !one.unread ? -1 : one.unread,
    archive: one.archived,
    name: one.name || undefined,
    formattedTitle: one.name || one.number,
  };
}

const collection = (all) => ({ getModelsArray: all, get: (id) => all().find((model) => model.id._serialized === String(id)) });

const Chat = collection(() => [...model.chats.values()].map(chat));
const Msg = collection(() => [...model.chats.values()].flatMap((one) => one.messages).map(msg));

// What WhatsApp keeps beside the chats; null when it has nothing to say.
const PREFERENCES = {
  WAReachoutTimelockState: () =>
    page.timelock && { state: "VISIBLE", time_enforcement_ends: page.timelock.until ? page.timelock.until * 1000 : null, enforcement_type: page.timelock.type },
  WANewChatMessageCappingData: () => {
    const cap = fault("cap");
    return cap && { total_quota: cap.total, used_quota: cap.used, cycle_start_timestamp: cap.cycle_start, cycle_end_timestamp: cap.cycle_end, capping_status: cap.status };
  },
};

// A number that the page knows because a chat by that number led to the LID, or because the phone has it saved.
function toPn(lid) {
  const { number, asked } = model.chats.get(String(lid)) ?? {};
  return number || asked ? wid(`${number || asked}@c.us`) : null;
}

function toUserLid(pn) {
  const { user } = wid(String(pn));
  const found = [...model.chats.values()].find((one) => one.id.endsWith("@lid") && [one.number, one.asked].includes(user));
  return found ? wid(found.id) : null;
}

const MODULES = {
  WAComms: { sendPing: socket.ping },
  WAWebCommsWorkerProxy: { sendPing: socket.ping },
  WAWebSocketModel: { Socket: socket.standing },
  WAWebCollections: { Msg, Chat },
  WAWebUserPrefsIndexedDBStorage: { userPrefsIdb: { get: (name) => PREFERENCES[name]?.() ?? null } },
  WAWebApiContact: { getPhoneNumber: toPn },
  WAWebLidMigrationUtils: { toPn, toUserLid },
};

export function install() {
  const switched = own.modules ?? settings.linked?.modules ?? "without";
  if (switched === "without") return;
  const named = switched === "renamed" ? (name) => name.replace(/$/, ".react") : (name) => name;
  const known = new Map(Object.entries(MODULES).map(([name, module]) => [named(name), module]));
  window.require = (name) => {
    if (!known.has(name)) throw new Error(`Requiring unknown module "${name}".`);
    return known.get(name);
  };
}
