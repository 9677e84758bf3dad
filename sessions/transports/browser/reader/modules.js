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

const modules = {
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
