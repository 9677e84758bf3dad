// The open chat: its rows, whose it is, what stands in the place of its box.

const ROWS = 80;

const blue = (node) => {
  const inks = [getComputedStyle(node).color, getComputedStyle(node.querySelector("path") || node).fill];
  return inks.some((ink) => {
    const [red, green, blueness] = (ink.match(/[\d.]+/g) || []).map(Number);
    return blueness > 150 && blueness - red > 60 && blueness >= green;
  });
};

const iconsOf = (root) => {
  // A label around the whole row is not the icon's.
  const labelled = (node) => {
    const found = node.closest("[aria-label]");
    return found && found !== root && root.contains(found) ? found.getAttribute("aria-label") : "";
  };
  const icons = [...root.querySelectorAll("svg > title")].map((title) => ({
    name: title.textContent.trim(),
    label: labelled(title.parentElement),
    blue: blue(title.parentElement),
  }));
  for (const node of root.querySelectorAll("[data-icon]")) {
    icons.push({
      name: node.getAttribute("data-icon"),
      label: labelled(node),
      blue: blue(node.querySelector("svg") || node),
    });
  }
  return icons;
};

// Every bold piece, link and emoji inside a text is marked like the text itself: the outermost says it all.
const outermost = (nodes) => nodes.filter((node) => !nodes.some((other) => other !== node && other.contains(node)));

const ownTexts = (row, quotes) => {
  const mine = (node) => !quotes.some((quote) => quote.contains(node));
  return outermost(all("message_text", row).filter(mine));
};

const KINDS = ["system", "deleted", "view_once", "poll", "list", "buttons", "voice", "sticker", "document", "video", "image", "contact", "location"];

// What stands in them is the page's word, or a name that nobody wrote here.
const SILENT = ["system", "deleted", "waiting", "view_once", "contact", "location"];

// Whoever writes the words of a late text has a stamp on them, and they can be selected.
const kindOf = (row, quotes, texts, stamp) => {
  const kind = KINDS.find((name) => marked(`kind_${name}`, row, quotes));
  if (kind || texts.length || stamp) return kind || (texts.length ? "text" : "unknown");
  return marked("kind_waiting", row, quotes) ? "waiting" : "unknown";
};

// Question, title or body come before options, places and footers. Where a quote has no mark of its own it
// stands before them, and can be pressed as no message can.
const messageIn = (row, texts) => {
  const pressed = (node) => row.contains(node.parentElement.closest("[role=button], button"));
  return texts.find((node) => !pressed(node)) || texts[0];
};

const stampOf = (row) => {
  const marks = [row, ...row.querySelectorAll("[data-pre-plain-text]")].map((node) => node.getAttribute("data-pre-plain-text") || "");
  return marks.find((mark) => mark.trim().startsWith("[")) || "";
};

// Buttons behind which the rest of a text lies, as the rows were last read, and those of which nothing comes.
const folds = new Map();
const stuck = new WeakSet();

// Of the message alone: a quote's rest is no news.
const foldOf = (row, quotes) => all("read_more", row).find((button) => !stuck.has(button) && !quotes.some((quote) => quote.contains(button)));

const rowOf = (row) => {
  const quotes = all("quoted", row);
  const texts = ownTexts(row, quotes);
  const stamp = stampOf(row);
  const kind = kindOf(row, quotes, texts, stamp);
  const text = messageIn(row, texts);
  const fold = foldOf(row, quotes);
  if (fold) folds.set(fold, text?.textContent.length);
  return {
    cut: Boolean(fold),
    id: row.getAttribute("data-id") || (row.getAttribute("data-testid") || "").replace("conv-msg-", ""),
    kind,
    text: text && !SILENT.includes(kind) ? textOf(text) : "",
    edited: marked("edited", row, quotes),
    stamp,
    icons: iconsOf(row),
    outgoing: marked("outgoing_mark", row) || Boolean(row.closest(".message-out") || row.querySelector(".message-out")),
    incoming: marked("incoming_mark", row) || Boolean(row.closest(".message-in") || row.querySelector(".message-in")),
  };
};

const rowNodes = () => all("message_row").slice(-ROWS).filter((node) => !node.parentElement.closest("[data-id]"));

// Rows far from sight are shells: they have their id and their place, and what they said when they were whole is kept.
const whole = new Map();

const isShell = (node) => one("message_shell", node) !== null && !node.innerText?.trim();

const readOf = (node) => {
  const row = rowOf(node);
  if (isShell(node)) return whole.get(row.id) || { ...row, kind: "shell" };
  if (row.cut) whole.delete(row.id);
  else whole.set(row.id, row);
  return row;
};

const rows = () => {
  folds.clear();
  if (whole.size > 20 * ROWS) whole.clear();
  return rowNodes().map(readOf);
};

const TRIES = 5;

// Has long texts show all that they say. It tells nobody anything.
const unfold = async () => {
  const pressed = new Map();
  for (rows(); folds.size; rows()) {
    for (const [button, length] of folds) {
      const before = pressed.get(button);
      const tries = before?.length === length ? before.tries + 1 : 1;
      if (tries > TRIES) stuck.add(button);
      else button.click();
      pressed.set(button, { length, tries });
    }
    await change(200);
  }
};

// Has everything shown whole: what is too long unfolded, what nobody has read yet brought into sight, and the place that
// was seen back.
const unroll = async () => {
  await unfold();
  const scroller = scrolled(rowNodes()[0]);
  if (!scroller) return;
  const before = scroller.scrollHeight - scroller.scrollTop;
  for (const node of rowNodes().reverse()) {
    if (!isShell(node) || whole.has(rowOf(node).id)) continue;
    node.scrollIntoView({ block: "center" });
    for (let wait = 0; wait < 40 && isShell(node); wait += 1) await new Promise((resolve) => setTimeout(resolve, 25));
    await unfold();
    // One that never becomes whole stays a shell, and is not waited for again.
    if (isShell(node)) whole.set(rowOf(node).id, { ...rowOf(node), kind: "shell" });
    if (isShell(node)) break;
  }
  scroller.scrollTop = scroller.scrollHeight - before;
};

const scrolled = (node) => {
  let found = node?.parentElement;
  while (found && !(found.scrollHeight > found.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(found).overflowY))) found = found.parentElement;
  return found;
};

const labelOf = (node) => (node ? node.getAttribute("aria-label") || "" : "");

const subtitleOf = () => {
  const title = one("chat_title");
  const found = all("chat_subtitle").find((node) => node !== title && !node.contains(title) && !title?.contains(node));
  return found ? found.getAttribute("title") || textOf(found) : "";
};

// In the order in which they are told apart: a blocked contact's bar may speak of the account as well.
const BARRIERS = ["contact", "announcement", "ex_member", "cap", "timelock", "old_lid", "terms", "channel"];

// What stands in the place of the box: which of the known ones, "unknown", or "" where nothing does.
const barrierOf = () => {
  const node = one("barrier");
  if (!node) return "";
  return BARRIERS.find((name) => marked(`barrier_${name}`, node)) || "unknown";
};

const chatOf = () => {
  const box = one("box");
  return {
    title: titleOf(one("chat_title")),
    subtitle: subtitleOf(),
    label: labelOf(box),
    placeholder: box ? box.getAttribute("aria-placeholder") || "" : "",
    rows: rows(),
    // Are there messages, whatever a row is called here?
    stamped: document.querySelector("#main [data-pre-plain-text^='[']") !== null,
    draft: box ? draftOf(box) : null,
    barrier: box ? "" : barrierOf(),
    pane: Boolean(one("pane")),
    main: Boolean(one("conversation")),
  };
};

// A number that somebody wrote of themselves is not theirs: only below the name, or under the word for it.
const isTheirNumber = (node, drawer) => {
  const said = (other) => plain(shownBy(other));
  const title = plain(titleOf(one("chat_title")));
  const headings = all("drawer_number_heading", drawer);
  if (said(node) === title || headings.some((heading) => heading.contains(node))) return true;
  let block = node;
  while (block.parentElement !== drawer && said(block.parentElement) === said(node)) block = block.parentElement;
  const above = block.previousElementSibling;
  const heads = (heading) => above.contains(heading) && said(heading) === said(above);
  return Boolean(above) && (said(above) === title || headings.some(heads));
};

// Whose card the drawer is, and what it says of the number.
const drawerOf = () => {
  const drawer = one("drawer");
  if (!drawer) return { there: false, kind: "", numbers: [] };
  const kind = ["person", "group", "channel"].find((name) => marked(`drawer_${name}`, drawer)) || "";
  const numbers = all("drawer_number", drawer).filter((node) => isTheirNumber(node, drawer));
  return { there: true, kind, numbers: numbers.map((node) => plain(node.innerText)) };
};
