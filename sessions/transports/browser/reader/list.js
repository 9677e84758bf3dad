// The chat list: what each row shows of its chat. Only the rows in sight are in the page.

const badgeOf = (row) => {
  const badge = one("unread", row);
  const label = badge ? `${badge.innerText} ${badge.getAttribute("aria-label") || ""}` : "";
  // A thousand has a sign between its figures.
  const count = label.match(/\d[\d.,]*/);
  return { unread: badge ? Number(count?.[0].replace(/\D/g, "") || 1) : 0, marked: Boolean(badge) && !count };
};

// The whole text stands in the title, where there is one; what is shown is cut.
const previewOf = (node) => {
  if (!node) return "";
  const titled = node.hasAttribute("title") ? node : node.querySelector("[title]");
  return titled?.getAttribute("title") || textOf(node);
};

// A group's preview begins with the author's name, and beside it stands a colon in an element of its own. An
// order has such a colon too, inside the element that counts its items.
const authorIn = (node) => {
  if (!node) return false;
  const divides = (piece) => !piece.children.length && /^:\u00a0$/.test(piece.textContent);
  const follows = (piece) => /\S/.test(piece.previousElementSibling?.textContent || "");
  return [...node.querySelectorAll("span")].some((piece) => divides(piece) && follows(piece) && piece.nextElementSibling);
};

const listRowOf = (row) => {
  const preview = one("chat_row_preview", row);
  const draft = marked("chat_row_draft", row);
  return {
    title: titleOf(one("chat_row_title", row)),
    time: shownBy(one("chat_row_time", row)),
    preview: previewOf(preview),
    icons: iconsOf(row),
    text: row.innerText,
    ...badgeOf(row),
    group: marked("chat_row_group", row) || (!draft && authorIn(preview)),
    draft,
    selected: row.matches("[aria-selected=true]") || Boolean(row.querySelector("[aria-selected=true]")),
    y: row.getBoundingClientRect().y,
  };
};

// While the archived chats are shown they are the list.
const listed = () => {
  const archived = all("archived_row");
  return archived.length ? archived : all("chat_row");
};

const listRows = () =>
  listed()
    .map(listRowOf)
    .filter((row) => row.title)
    .sort((one_, other) => one_.y - other.y);

const rowsTitled = (title) => listed().filter((row) => plain(titleOf(one("chat_row_title", row))) === title);

// The row of a chat that was read: two may share a title, and its badge is gone.
const readRow = (title, preview) => {
  const rows = rowsTitled(title);
  const same = (row) => plain(previewOf(one("chat_row_preview", row))) === preview;
  return rows.find((row) => same(row) && !one("unread", row)) || rows.find(same) || (rows.length === 1 ? rows[0] : null);
};

const unreadRows = (title) => rowsTitled(title).filter((row) => one("unread", row));

const scroller = () => {
  const scrolls = (candidate) =>
    candidate.scrollHeight > candidate.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(candidate).overflowY);
  const [archived] = all("archived_row");
  if (archived) return scrolled(archived) || archived.parentElement;
  let node = one("pane");
  if (node && !scrolls(node)) node = [...node.querySelectorAll("div")].find(scrolls) || node;
  return node;
};

// Only the rows in sight are in the page, and they come with the next frames after a scroll.
let scrolling = null;

const frames = async (count) => {
  for (let frame = 0; frame < count; frame += 1) await new Promise(requestAnimationFrame);
};

// Something may stand over the first row: at the top it is told by the place of what holds the rows.
const fills = (node, end) => {
  const rows = listed();
  const boxes = rows.map((row) => row.getBoundingClientRect());
  const sight = node.getBoundingClientRect();
  const top = Math.min(...boxes.map((box) => box.top));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const from = node.scrollTop < 1 && rows.length ? rows[0].parentElement.getBoundingClientRect().top + boxes[0].height : sight.top;
  return (top <= from + 1 || (end && !rows.length)) && (end || bottom >= sight.bottom - 1);
};

const scrollTo = (top) => {
  const node = scroller();
  if (!node) return { end: true, page: 0, moved: false };
  const before = node.scrollTop;
  node.scrollTop = top;
  const end = node.scrollTop + 1 < top || node.scrollTop + node.clientHeight >= node.scrollHeight - 1;
  const mine = { node, end, shown: false };
  scrolling = mine;
  // A window that nobody sees draws no frames.
  Promise.race([frames(2), new Promise((resolve) => setTimeout(resolve, 500))]).then(() => {
    mine.shown = true;
  });
  return { end, page: node.clientHeight, moved: node.scrollTop !== before };
};
