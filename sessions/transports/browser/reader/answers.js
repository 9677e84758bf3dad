// What the driver may ask. It reads, points and scrolls, unfolds long texts and follows links; every other press and
// every letter comes from the driver as real input.

// The press is guarded in the page itself, before any of the page's own listeners: between the
// driver's last look and the press another chat may have come up under the pointer.
let guarded = null;

const heldUp = (event, whole) => {
  const box = one("box");
  const right = plain(titleOf(one("chat_title"))) === guarded.title;
  if (!guarded.refused && right && (!whole || (box && draftOf(box) === guarded.draft))) return;
  event.stopImmediatePropagation();
  event.preventDefault();
  if (whole) guarded.refused = true;
};

// What follows the first touch may find the box empty already, because the message has gone.
for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "keydown", "keypress"]) {
  window.addEventListener(
    type,
    (event) => {
      const key = event instanceof KeyboardEvent;
      if (guarded && (!key || event.key === "Enter")) heldUp(event, ["pointerdown", "keydown"].includes(type));
    },
    true,
  );
}

let question = null;

// Did the last wait end by a change of the page?
let changed = false;

const answers = {
  changed: () => changed,
  look: (names) => {
    const found = {};
    for (const name of names) {
      const node = one(name);
      if (!node) continue;
      found[name] = {
        text: String(node.innerText || node.value || "").trim(),
        ref: attribute(node, "data-ref"),
        code: attribute(node, "data-link-code"),
      };
    }
    return found;
  },
  chat: () => chatOf(),
  // Everything that opening a chat may lead to, in one look.
  arrival: (names) => ({ screen: answers.look(names), chat: answers.chat() }),
  // What must be true at the moment of pressing, and where to press.
  aim: () => ({
    ...answers.chat(),
    send: pointOn(one("send")),
    dialog: Boolean(one("dialog")),
    barred: Boolean(one("barrier")) && !one("box"),
    offline: Boolean(one("offline")),
  }),
  // From now on a press counts only in this chat and with this text in the box.
  guard: (title, draft) => {
    guarded = { title: plain(title), draft, refused: false };
    return true;
  },
  // The end of the guard: was the press held up, before anything of it reached the page?
  release: () => {
    const refused = Boolean(guarded?.refused);
    guarded = null;
    return refused;
  },
  drawer: () => drawerOf(),
  survey: (names) => ({ screen: answers.look(names), chat: answers.chat(), list: listRows() }),
  list: () => listRows(),
  // How many chats the page itself counts.
  rowCount: () => Number(one("pane")?.querySelector("[aria-rowcount]")?.getAttribute("aria-rowcount") || 0),
  point: (name) => pointOn(one(name)),
  // Where to press to open a chat: two may share a title, and what a row says may have changed since.
  // The list keeps rows ready that are not in sight yet.
  rowPoint: (title, text) => {
    const rows = rowsTitled(title);
    return pressable(rows.find((row) => row.innerText === text) || rows.find((row) => one("unread", row)) || rows[0]);
  },
  // Where the pointer brings up the button of a row's menu, that button, and whether it has its badge.
  readRow: (title, preview) => {
    const row = readRow(title, preview);
    if (!row) return null;
    return { row: wholly(row, scrolled(row)), menu: pointOn(one("row_menu", row)), unread: Boolean(one("unread", row)) };
  },
  // Are the archived chats shown in the place of the list?
  archive: () => ({ shown: all("archived_row").length > 0, button: shownBy(one("archived")) }),
  // A chat that nobody loses an unread badge by.
  quietRowPoint: () => {
    const read = (row) => titleOf(one("chat_row_title", row)) && !one("unread", row);
    return pointOn(all("chat_row").find((row) => read(row) && pointOn(row)) || null);
  },
  // The chat that was pressed, once it is open: a badge of that title is gone then.
  opened: (title) => ({ ...answers.chat(), unread: unreadRows(title).length }),
  focus: (name) => {
    const node = one(name);
    if (node) node.focus();
    return Boolean(node) && (document.activeElement === node || node.contains(document.activeElement));
  },
  // A link inside the running page opens the chat without a reload, where the page knows it; the
  // browser follows it as a deep link where it doesn't.
  follow: (href) => {
    const link = document.createElement("a");
    link.href = href;
    (one("pane") || document.body).append(link);
    link.click();
    link.remove();
    return true;
  },
  // The same, watching whether the page asks WhatsApp: its dialog may come and go between two looks.
  inquire: (href) => {
    question?.observer.disconnect();
    const mine = { asked: false };
    mine.observer = new MutationObserver(() => {
      mine.asked = mine.asked || Boolean(one("starting_chat"));
    });
    mine.observer.observe(document.body, { childList: true, subtree: true });
    question = mine;
    return answers.follow(href);
  },
  inquiry: (names) => ({ ...answers.arrival(names), asked: Boolean(question?.asked) }),
  // Into the box of this chat as if from the clipboard: written key by key, the page would go on with lists
  // and turn signs into pictures.
  paste: (text, title) => {
    if (plain(titleOf(one("chat_title"))) !== plain(title) || !answers.focus("box")) return null;
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    one("box").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
    return chatOf();
  },
  scroll: (top) => scrollTo(top),
  // The rows of the place that was scrolled to, and whether they are all there already.
  screenful: () => ({
    rows: listRows(),
    whole: !scrolling || (scrolling.shown && fills(scrolling.node, scrolling.end)),
  }),
  me: () => {
    const wid = localStorage.getItem("last-wid-md") || localStorage.getItem("last-wid") || "";
    return (wid.match(/\d{8,15}/) || [""])[0];
  },
  // Does the page show anything at all?
  says: () => (document.body?.innerText || "").trim() !== "",
  language: () => document.documentElement.lang,
  // How many nodes each candidate of each element has on the page now.
  census: () => {
    const counts = {};
    for (const [name, candidates] of Object.entries(data.elements)) {
      counts[name] = candidates.map(
        (candidate) => nodesOf(candidate, document).filter((node) => fits(node, candidate)).length,
      );
    }
    return counts;
  },
  // For support: what stands there, of which build, and its structure.
  evidence: (names) => ({
    look: answers.look(names),
    build: /^\d[\d.]{0,38}$/.exec(String(window.Debug?.VERSION ?? "").trim())?.[0] ?? "",
    skeleton: skeletonOf(document.body, 0).join("\n"),
  }),
};

const isCut = (answer) => (answer?.rows || answer?.chat?.rows || []).some((row) => row.cut);

const change = (milliseconds) =>
  new Promise((resolve) => {
    const observer = new MutationObserver(() => finish(true));
    const timer = setTimeout(() => finish(false), milliseconds);
    const finish = (how) => {
      changed = how;
      observer.disconnect();
      clearTimeout(timer);
      // The rest of the same change comes within a moment.
      setTimeout(resolve, 10);
    };
    observer.observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
  });

window.bluReader = {
  ask: (name, args) => ({ answer: answers[name](...args), matched }),
  module: (name, milliseconds, args) => modules[name](milliseconds, ...args),
  unroll: () => unroll(),
  // The same after the page's next change, or after so many milliseconds. A deed comes before.
  wait: async (milliseconds, name, args, [deed, ...its]) => {
    if (deed) window.bluReader.ask(deed, its);
    await change(milliseconds);
    const said = window.bluReader.ask(name, args);
    if (!isCut(said.answer)) return said;
    await unroll();
    return window.bluReader.ask(name, args);
  },
};
