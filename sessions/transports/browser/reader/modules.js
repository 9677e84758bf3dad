// The page's own modules: a second sense, never alone. Their names change, and a page may have none.

const moduleOf = (names) => {
  for (const name of names) {
    try {
      const found = window.require?.(name);
      if (found) return found;
    } catch {
      continue;
    }
  }
  return null;
};

const within = (promise, milliseconds) =>
  Promise.race([Promise.resolve(promise), new Promise((resolve) => setTimeout(() => resolve(null), milliseconds))]);

// Whose chat a row is: no attribute tells, React's own key does.
const chatIdOf = (row) => {
  for (const node of [row, ...row.querySelectorAll("*")]) {
    let fiber = node[Object.keys(node).find((name) => name.startsWith("__reactFiber$"))];
    for (let steps = 0; fiber && steps < 12; steps += 1, fiber = fiber.return) {
      const key = String(fiber.key || "");
      if (key.startsWith("chat-")) return key.slice(5);
    }
  }
  return "";
};

const numberOf = (id) => {
  if (id.endsWith("@c.us")) return id.split("@")[0];
  const chat = moduleOf(data.modules.collections)?.Chat?.getModelsArray?.().find((one) => String(one.id) === id);
  const lids = moduleOf(data.modules.lids);
  const told = chat && id.endsWith("@lid") && (lids?.toPn?.(chat.id) || lids?.getPhoneNumber?.(chat.id));
  return told ? String(told).split("@")[0].replace(/\D/g, "") : "";
};

const modules = {
  // What the page knows of the chat of a row, without opening it: oldest first; null where it can't be told.
  chat: async (milliseconds, title, text) => {
    const found = rowsTitled(title).filter((row) => row.innerText === text);
    const all_ = moduleOf(data.modules.collections)?.Msg;
    const id = found.length === 1 ? chatIdOf(found[0]) : "";
    if (!id || typeof all_?.getModelsArray !== "function") return null;
    try {
      const messages = all_
        .getModelsArray()
        .filter((one) => String(one.id?.remote?._serialized || one.id?.remote) === id)
        .map((one) => ({ id: String(one.id.id), mine: Boolean(one.id.fromMe), type: String(one.type), text: String(one.body || ""), t: Number(one.t) }));
      return { number: numberOf(id), messages: messages.sort((one, other) => one.t - other.t) };
    } catch {
      return null;
    }
  },
  // Asks the server about nobody: "answered", "silent", or "absent" where the page can't be asked.
  ping: async (milliseconds) => {
    const module = moduleOf(data.modules.ping);
    const send = module?.sendPing || module?.default?.sendPing;
    if (typeof send !== "function") return "absent";
    try {
      const answer = await within(send(), milliseconds);
      return answer === true ? "answered" : "silent";
    } catch {
      return "silent";
    }
  },
  // What the page calls the state of its own line; "" where it can't be asked.
  state: async () => String(moduleOf(data.modules.socket)?.Socket?.state || ""),
  // What the account may not do for now, as WhatsApp's page keeps it; null where it can't be read.
  limits: async (milliseconds) => {
    const prefs = moduleOf(data.modules.preferences)?.userPrefsIdb;
    if (typeof prefs?.get !== "function") return null;
    const read = async (key) => {
      try {
        return await within(prefs.get(key), milliseconds);
      } catch {
        return null;
      }
    };
    const lock = await read("WAReachoutTimelockState");
    const cap = await read("WANewChatMessageCappingData");
    return {
      locked: Boolean(lock?.state ?? lock?.is_active) && lock?.state !== "NONE",
      type: String(lock?.enforcement_type || ""),
      until: Number(lock?.time_enforcement_ends || 0),
      total: cap ? Number(cap.total_quota) : null,
      used: cap ? Number(cap.used_quota) : null,
      cycle_end: Number(cap?.cycle_end_timestamp || 0),
      status: String(cap?.capping_status || ""),
    };
  },
  found: async () => Object.fromEntries(Object.entries(data.modules).map(([use, names]) => [use, names.find((name) => moduleOf([name])) || ""])),
};
