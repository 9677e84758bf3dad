// The browser's own disk: the link's key (which no script can read), chats and messages.

const NAME = "model-storage";
const VERSION = 2;
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const stores = request.result.objectStoreNames;
      for (const name of ["chat", "message"]) if (stores.contains(name)) request.result.deleteObjectStore(name);
      if (!stores.contains("identity")) request.result.createObjectStore("identity");
      request.result.createObjectStore("chat", { keyPath: "id" });
      const messages = request.result.createObjectStore("message", { keyPath: "id" });
      messages.createIndex("chat", ["chat", "at"]);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function transact(stores, mode, work) {
  const database = await open();
  const transaction = database.transaction(stores, mode);
  const result = work(...stores.map((name) => transaction.objectStore(name)));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
  return result instanceof IDBRequest ? result.result : result;
}

export async function identity() {
  const database = await open();
  return settled(database.transaction("identity").objectStore("identity").get("me"));
}

export const keep = (me) => transact(["identity"], "readwrite", (store) => store.put(me, "me"));

export const wipe = () =>
  transact(["identity", "chat", "message"], "readwrite", (...stores) => {
    for (const store of stores) store.clear();
  });

// A chat is kept with its newest message alone, for its row; one that is not on the disk itself isn't there either.
const row = (chat) => ({ ...chat, messages: chat.messages.filter(({ fresh }) => !fresh).slice(-1) });

export const saveChats = (chats) =>
  transact(["chat"], "readwrite", (store) => {
    for (const chat of chats) store.put(row(chat));
  });

export const saveMessages = (messages) =>
  transact(["message"], "readwrite", (store) => {
    for (const message of messages) store.put(message);
  });

// Both or neither: a page that is closed in between would have the message and no badge for it.
export const saveArrival = (message, chat) =>
  transact(["message", "chat"], "readwrite", (messages, chats) => {
    messages.put(message);
    chats.put(row(chat));
  });

// The newest messages vanish, so many and all since so many seconds; their chats show what is left.
export async function forget({ messages, seconds }) {
  const known = (await allMessages()).sort((one, other) => other.at - one.at);
  const since = Date.now() / 1000 - seconds;
  const gone = new Set(known.filter((message, place) => place < messages || (seconds && message.at >= since)));
  const left = new Map();
  for (const message of known) if (!gone.has(message) && !left.has(message.chat)) left.set(message.chat, message);
  const touched = new Set([...gone].map((message) => message.chat));
  const chats = (await allChats()).filter((chat) => touched.has(chat.id));
  await transact(["chat", "message"], "readwrite", (chatStore, messageStore) => {
    for (const message of gone) messageStore.delete(message.id);
    for (const chat of chats) {
      const last = left.get(chat.id);
      if (last) chatStore.put({ ...chat, t: last.at, messages: [last] });
      else chatStore.delete(chat.id);
    }
  });
}

const allMessages = () => transact(["message"], "readonly", (store) => store.getAll());

export const allChats = () => transact(["chat"], "readonly", (store) => store.getAll());

export const message = (id) => transact(["message"], "readonly", (store) => store.get(id));

export function chatMessages(id, limit) {
  const range = IDBKeyRange.bound([id, 0], [id, Infinity]);
  return transact(["message"], "readonly", (store) => {
    const found = [];
    const request = store.index("chat").openCursor(range, "prev");
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.length >= limit) return;
      found.unshift(cursor.value);
      cursor.continue();
    };
    return found;
  });
}

export const pendingMessages = () =>
  transact(["message"], "readonly", (store) => {
    const found = [];
    const request = store.openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return;
      if (cursor.value.mine && cursor.value.ack === 0) found.push(cursor.value);
      cursor.continue();
    };
    return found;
  });
