// An editor that behaves as Lexical's plain text does in WhatsApp where a driver can tell: each line is a <p>, signs of
// lists show as others, Shift+Enter goes on with a list, emoticons typed become emoji. Pasted text is left as it is.

import { h } from "./dom.js";
import { split } from "./emoji.js";

const EMOTICONS = {
  ":)": "🙂", ":-)": "🙂", ":(": "🙁", ":-(": "🙁", ":D": "😃", ":-D": "😃", ";)": "😉", ";-)": "😉", ":P": "😛", ":-P": "😛",
  ":O": "😮", ":-O": "😮", ":*": "😘", ":-*": "😘", "B-)": "😎", ":'(": "😢", "<3": "❤️", "</3": "💔", "(y)": "👍", "(n)": "👎",
};
const LIST = /^([-*] |(\d+)\. )(.*)$/;
const SIGN = /^(?:([-*])|(>))(?= )/;
const LETTERS = { class: "selectable-text copyable-text", "data-lexical-text": "true" };

const letters = (text) => h("span", LETTERS, text);

const emoji = (text) => h("span", { class: "emoji" }, h("span", { "data-lexical-text": "true" }, text));

// A line as it shows: its sign is another letter, and tells its own in an attribute.
function paragraph(line) {
  const [sign = "", bullet] = line.match(SIGN) ?? [];
  const nodes = sign ? [h("span", { ...LETTERS, "data-plain-text": sign }, bullet ? "•" : "\u3000")] : [];
  split(line.slice(sign.length)).forEach((part, place) => {
    if (part) nodes.push(place % 2 ? emoji(part) : letters(part));
  });
  return h("p", { class: "selectable-text copyable-text", dir: "auto" }, nodes.length ? nodes : h("br"));
}

// What the nodes say, where something else than this editor has changed them.
function readNode(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.dataset?.plainText && node.textContent.length === 1) return node.dataset.plainText;
  if (node.nodeName === "BR") return node.nextSibling || node.previousSibling ? "\n" : "";
  return [...node.childNodes].map(readNode).join("");
}

export class Editor {
  constructor(box, onTyped) {
    this.box = box;
    this.text = "";
    this.onTyped = onTyped;
    box.addEventListener("beforeinput", (event) => this.#before(event));
    box.addEventListener("input", (event) => this.#after(event));
    box.addEventListener("paste", (event) => this.#pasted(event));
  }

  // In place of everything.
  set(text) {
    this.text = text;
    this.#draw();
  }

  toEnd() {
    this.box.focus();
    this.#place(this.text.length);
  }

  #draw() {
    this.box.replaceChildren(...this.text.split("\n").map(paragraph));
  }

  // How many letters stand before a place in the nodes.
  #offset(node, offset) {
    const lines = this.text.split("\n");
    const before = (count) => lines.slice(0, count).reduce((sum, line) => sum + line.length + 1, 0);
    if (node === this.box) return offset >= lines.length ? this.text.length : before(offset);
    const line = [...this.box.children].findIndex((one) => one.contains(node));
    if (line < 0) return this.text.length;
    const range = document.createRange();
    range.selectNodeContents(this.box.children[line]);
    range.setEnd(node, offset);
    return before(line) + range.toString().length;
  }

  #place(offset) {
    const lines = this.text.slice(0, offset).split("\n");
    const line = this.box.children[lines.length - 1];
    let rest = lines.at(-1).length;
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    let [node, at] = [line, 0];
    while (walker.nextNode()) {
      [node, at] = [walker.currentNode, Math.min(rest, walker.currentNode.length)];
      if (rest <= node.length) break;
      rest -= node.length;
    }
    getSelection().collapse(node, at);
  }

  #selected() {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = getSelection();
    if (!anchorNode || !this.box.contains(anchorNode)) return [this.text.length, this.text.length];
    const ends = [this.#offset(anchorNode, anchorOffset), this.#offset(focusNode, focusOffset)];
    return [Math.min(...ends), Math.max(...ends)];
  }

  // Puts letters in the place of others, draws and tells.
  #replace([start, end], letters_, caret = start + letters_.length) {
    this.text = this.text.slice(0, start) + letters_ + this.text.slice(end);
    this.#draw();
    this.#place(caret);
    this.onTyped();
  }

  #before(event) {
    if (event.isComposing) return;
    event.preventDefault();
    const { inputType } = event;
    if (inputType.startsWith("delete")) this.#delete(event);
    else if (inputType === "insertLineBreak" || inputType === "insertParagraph") this.newLine();
    else if (inputType.startsWith("insert")) this.#type(event.data ?? event.dataTransfer?.getData("text/plain") ?? "");
  }

  // Commands that no beforeinput announces: what they left in the nodes is taken over.
  #after() {
    const text = [...this.box.childNodes].map(readNode).join("\n");
    this.text = text;
    this.#draw();
    this.#place(text.length);
    this.onTyped();
  }

  #type(text) {
    const [start, end] = this.#selected();
    const before = this.text.slice(0, start) + text;
    const found = Object.keys(EMOTICONS).find((one) => before.endsWith(one) && /(^|\s)$/.test(before.slice(0, -one.length)));
    if (!found) this.#replace([start, end], text);
    else {
      const changed = before.slice(0, -found.length) + EMOTICONS[found];
      this.#replace([0, end], changed);
    }
  }

  #delete(event) {
    const [range] = event.getTargetRanges();
    let [start, end] = this.#selected();
    if (start === end && range) [start, end] = [this.#offset(range.startContainer, range.startOffset), this.#offset(range.endContainer, range.endOffset)];
    if (start === end && event.inputType.endsWith("Backward")) start -= [...this.text.slice(0, start)].at(-1)?.length ?? 0;
    this.#replace([start, end], "");
  }

  #pasted(event) {
    event.preventDefault();
    this.#replace(this.#selected(), event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n"));
  }

  // Shift+Enter: goes on with a list, counts the numbers after it anew; an empty item ends the list.
  newLine() {
    const [start, end] = this.#selected();
    const head = this.text.slice(0, start);
    const lineStart = head.lastIndexOf("\n") + 1;
    const [, sign, number, item] = head.slice(lineStart).match(LIST) ?? [];
    if (!sign) this.#replace([start, end], "\n");
    else if (!item) this.#replace([lineStart, end], "");
    else if (!number) this.#replace([start, end], `\n${sign}`);
    else this.#goOn(start, end, Number(number) + 1);
  }

  #goOn(start, end, number) {
    const [rest, ...after] = this.text.slice(end).split("\n");
    let next = number;
    let counting = true;
    const counted = after.map((line) => {
      counting &&= /^\d+\. /.test(line);
      return counting ? line.replace(/^\d+/, String((next += 1))) : line;
    });
    const caret = start + `\n${number}. `.length;
    this.#replace([start, this.text.length], [`\n${number}. ${rest}`, ...counted].join("\n"), caret);
  }
}
