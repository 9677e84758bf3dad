// What the driver may ask of the page, put into it before WhatsApp's own code runs: the page's
// content security policy refuses scripts that come later. It reads, points and scrolls; every
// press and every letter comes from the driver as real input.
((data) => {
  if (window.top !== window) return;

  const matched = {};
  const ROWS = 80;

  const visible = (node) => {
    const box = node.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return false;
    return getComputedStyle(node).visibility !== "hidden";
  };

  const nodesOf = (candidate, root) => {
    if (!candidate.xpath) return [...root.querySelectorAll(candidate.css)];
    const found = document.evaluate(candidate.xpath, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
    return Array.from({ length: found.snapshotLength }, (_, index) => found.snapshotItem(index));
  };

  const fits = (node, candidate) => {
    if (candidate.text && !new RegExp(candidate.text, "im").test((node.innerText || "").trim())) return false;
    return candidate.hidden || visible(node);
  };

  // All nodes of the first candidate that has any.
  const all = (name, root = document) => {
    const candidates = data.elements[name];
    for (let index = 0; index < candidates.length; index += 1) {
      const nodes = nodesOf(candidates[index], root).filter((node) => fits(node, candidates[index]));
      if (nodes.length) {
        matched[name] = index;
        return nodes;
      }
    }
    return [];
  };

  const one = (name, root = document) => all(name, root)[0] || null;

  const attribute = (node, name) => node.closest(`[${name}]`)?.getAttribute(name) || "";

  // Text as a person would copy it: emoji are pictures, lines are blocks or breaks.
  const textOf = (node) => {
    let text = "";
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      else if (child.nodeName === "IMG") text += child.getAttribute("data-plain-text") || child.alt || "";
      else if (child.nodeName === "BR") text += "\n";
      else if (child.nodeType === Node.ELEMENT_NODE) text += textOf(child);
    }
    return text;
  };

  // In the compose box a block's last break only keeps an empty line open.
  const draftOf = (box) => {
    const blocks = [...box.children].filter((child) => ["P", "DIV"].includes(child.nodeName));
    return (blocks.length ? blocks : [box])
      .map((block) => {
        const text = textOf(block);
        return text.endsWith("\n") ? text.slice(0, -1) : text;
      })
      .join("\n");
  };

  const blue = (node) => {
    const inks = [getComputedStyle(node).color, getComputedStyle(node.querySelector("path") || node).fill];
    return inks.some((ink) => {
      const [red, green, blueness] = (ink.match(/[\d.]+/g) || []).map(Number);
      return blueness > 150 && blueness - red > 60 && blueness >= green;
    });
  };

  const iconsOf = (root) => {
    const icons = [...root.querySelectorAll("svg > title")].map((title) => ({
      name: title.textContent.trim(),
      label: attribute(title.parentElement, "aria-label"),
      blue: blue(title.parentElement),
    }));
    for (const node of root.querySelectorAll("[data-icon]")) {
      icons.push({
        name: node.getAttribute("data-icon"),
        label: attribute(node, "aria-label"),
        blue: blue(node.querySelector("svg") || node),
      });
    }
    return icons;
  };

  const rowOf = (row) => {
    const texts = all("message_text", row);
    // A quoted message stands first, the message itself last.
    const text = texts[texts.length - 1];
    const meta = row.matches("[data-pre-plain-text]") ? row : row.querySelector("[data-pre-plain-text]");
    return {
      id: row.getAttribute("data-id") || (row.getAttribute("data-testid") || "").replace("conv-msg-", ""),
      text: text ? textOf(text) : "",
      stamp: meta ? meta.getAttribute("data-pre-plain-text") : "",
      icons: iconsOf(row),
      outgoing: Boolean(one("outgoing_mark", row)) || Boolean(row.closest(".message-out") || row.querySelector(".message-out")),
      incoming: Boolean(one("incoming_mark", row)) || Boolean(row.closest(".message-in") || row.querySelector(".message-in")),
    };
  };

  const rows = () => {
    const nodes = all("message_row").slice(-ROWS);
    return nodes.filter((node) => !node.parentElement.closest("[data-id]")).map(rowOf);
  };

  // Without the marks that set the direction of numbers.
  const plain = (text) => text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "").trim();

  const titleOf = (node) => (node ? node.getAttribute("title") || textOf(node) : "");

  const badgeOf = (row) => {
    const badge = one("unread", row);
    const label = badge ? `${badge.innerText} ${badge.getAttribute("aria-label") || ""}` : "";
    return badge ? Number((label.match(/\d+/) || ["1"])[0]) : 0;
  };

  const shownBy = (node) => (node ? node.innerText || "" : "");

  // The whole text stands in the title, where there is one; what is shown is cut.
  const previewOf = (node) => (node ? node.getAttribute("title") || shownBy(node) : "");

  const listRows = () =>
    all("chat_row")
      .map((row) => ({
        title: titleOf(one("chat_row_title", row)),
        time: shownBy(one("chat_row_time", row)),
        preview: previewOf(one("chat_row_preview", row)),
        icons: iconsOf(row),
        text: row.innerText,
        unread: badgeOf(row),
        selected: row.matches("[aria-selected=true]") || Boolean(row.querySelector("[aria-selected=true]")),
        y: row.getBoundingClientRect().y,
      }))
      .filter((row) => row.title)
      .sort((one_, other) => one_.y - other.y);

  const unreadRows = (title) =>
    all("chat_row").filter((row) => plain(titleOf(one("chat_row_title", row))) === title && one("unread", row));

  // The middle of a node, or null when something else would get a click there.
  const pointOn = (node) => {
    if (!node) return null;
    const box = node.getBoundingClientRect();
    const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const hit = document.elementFromPoint(point.x, point.y);
    return hit && (node.contains(hit) || hit.contains(node)) ? point : null;
  };

  // Where to press a row of the list, brought into sight.
  const pressable = (row) => {
    if (row && !pointOn(row)) row.scrollIntoView({ block: "center" });
    const point = pointOn(row);
    return point;
  };

  const scroller = () => {
    let node = one("pane");
    const scrolls = (candidate) => candidate.scrollHeight > candidate.clientHeight + 1;
    if (node && !scrolls(node)) node = [...node.querySelectorAll("div")].find(scrolls) || node;
    return node;
  };

  // Only the rows in sight are in the page, and they come with the next frames after a scroll.
  let scrolling = null;

  const frames = async (count) => {
    for (let frame = 0; frame < count; frame += 1) await new Promise(requestAnimationFrame);
  };

  const fills = (node, end) => {
    const boxes = all("chat_row").map((row) => row.getBoundingClientRect());
    const sight = node.getBoundingClientRect();
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    return (node.scrollTop < 1 || top <= sight.top + 1) && (end || bottom >= sight.bottom - 1);
  };

  const SKELETON_ATTRIBUTES = ["id", "role", "data-testid", "data-icon", "data-tab", "contenteditable", "type"];

  // A name that a programmer gave. Numbers and ids of people and messages can stand in attributes
  // too, and an icon's title could hold words: they become a sign.
  const programmers = (value) =>
    /^[\w.:-]{1,80}$/.test(value) ? value.replace(/(?=\w*\d)\w{12,}|\d{4,}/g, "#") : "#";

  // The page's structure without a word of what people wrote.
  const skeletonOf = (node, depth) => {
    const marks = SKELETON_ATTRIBUTES.filter((name) => node.hasAttribute(name))
      .map((name) => `[${name}=${programmers(node.getAttribute(name))}]`)
      .join("");
    const own = node.nodeName === "title" ? ` ${programmers(node.textContent.trim())}` : "";
    const lines = [`${" ".repeat(depth)}${node.nodeName.toLowerCase()}${marks}${own}`];
    for (const child of node.children) lines.push(...skeletonOf(child, depth + 1));
    return lines;
  };

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

  const answers = {
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
    chat: () => {
      const box = one("box");
      return {
        title: titleOf(one("chat_title")),
        rows: rows(),
        draft: box ? draftOf(box) : null,
        pane: Boolean(one("pane")),
      };
    },
    // Everything that opening a chat may lead to, in one look.
    arrival: (names) => ({ screen: answers.look(names), chat: answers.chat() }),
    // What must be true at the moment of pressing, and where to press.
    aim: () => ({
      ...answers.chat(),
      send: pointOn(one("send")),
      dialog: Boolean(one("dialog")),
      restricted: Boolean(one("restricted")) && !one("box"),
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
    survey: (names) => ({ screen: answers.look(names), chat: answers.chat(), list: listRows() }),
    list: () => listRows(),
    point: (name) => pointOn(one(name)),
    // Where to press to open a chat: two may share a title, and what a row says may have changed since.
    // The list keeps rows ready that are not in sight yet.
    rowPoint: (title, text) => {
      const rows = all("chat_row").filter((row) => plain(titleOf(one("chat_row_title", row))) === title);
      return pressable(rows.find((row) => row.innerText === text) || rows.find((row) => one("unread", row)) || rows[0]);
    },
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
    scroll: (top) => {
      const node = scroller();
      if (!node) return { end: true, page: 0 };
      node.scrollTop = top;
      const end = node.scrollTop + node.clientHeight >= node.scrollHeight - 1;
      const mine = { node, end, shown: false };
      scrolling = mine;
      // A window that nobody sees draws no frames.
      Promise.race([frames(2), new Promise((resolve) => setTimeout(resolve, 500))]).then(() => {
        mine.shown = true;
      });
      return { end, page: node.clientHeight };
    },
    // The rows of the place that was scrolled to, and whether they are all there already.
    screenful: () => ({
      rows: listRows(),
      whole: !scrolling || (scrolling.shown && fills(scrolling.node, scrolling.end)),
    }),
    me: () => {
      const wid = localStorage.getItem("last-wid-md") || localStorage.getItem("last-wid") || "";
      return (wid.match(/\d{8,15}/) || [""])[0];
    },
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
    skeleton: () => skeletonOf(document.body, 0).join("\n"),
  };

  const change = (milliseconds) =>
    new Promise((resolve) => {
      const observer = new MutationObserver(() => finish());
      const timer = setTimeout(() => finish(), milliseconds);
      const finish = () => {
        observer.disconnect();
        clearTimeout(timer);
        // The rest of the same change comes within a moment.
        setTimeout(resolve, 10);
      };
      observer.observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
    });

  window.bluReader = {
    ask: (name, args) => ({ answer: answers[name](...args), matched }),
    // The same after the page's next change, or after so many milliseconds.
    wait: async (milliseconds, name, args) => {
      await change(milliseconds);
      return window.bluReader.ask(name, args);
    },
  };
})
