// A message's text as the real page nests it: every bold piece, link, mention, list item and emoji inside the
// outermost selectable text is one too; emoji are pictures, list signs stand only in an attribute.

import { h, profile } from "./dom.js";
import { orEmoji, split } from "./emoji.js";

const SELECTABLE = { class: "selectable-text copyable-text" };
const PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
const PIECE = /```([^`]+)```|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])|(https?:\/\/\S+|www\.\S+)|(@[\p{L}\p{N}_.]+)/gv;
const TAGS = { "*": "strong", _: "em", "~": "del" };
const BLOCKS = [
  { sign: /^([-*]) (?! )(?=.)/, build: bullets },
  { sign: /^(\d+\.) (?! )(?=.)/, build: numbers },
  { sign: /^(>) (?=.)/, build: quotes },
];

const selectable = (given) => ({ ...SELECTABLE, ...profile.testid("selectable-text"), ...given });

export const emojiPicture = (emoji, given = {}) => h("img", { crossorigin: "anonymous", src: PICTURE, alt: emoji, draggable: "false", class: "emoji", ...given });

const selectableEmoji = (emoji) =>
  emojiPicture(emoji, { ...selectable(), class: `emoji ${SELECTABLE.class}`, "data-plain-text": emoji });

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(orEmoji(PIECE, text))) {
    nodes.push(text.slice(end, found.index), piece(found));
    end = found.index + found[0].length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function piece([, block, code, sign, inner, link, mention, emoji]) {
  if (block ?? code) return h("code", selectable(), block ?? code);
  if (sign) return h(TAGS[sign], selectable({ "data-app-text-template": `${sign}\${appText}${sign}` }), inline(inner));
  if (link) return h("a", selectable({ dir: "ltr", href: link, target: "_blank", rel: "noopener noreferrer" }), link);
  if (mention) return mentioned(mention);
  return emoji ? selectableEmoji(emoji) : "";
}

// Whose name it is stands in an attribute, never as a number.
function mentioned(name) {
  const attributes = { dir: "auto", ...SELECTABLE, ...profile.testid("select-all selectable-text"), "data-plain-text": name, "data-app-text-template": "\u200b103590702137403@lid\u200b" };
  return h("span", {}, h("span", { role: "button" }, h("span", attributes, "@", h("span", { dir: "ltr" }, name.slice(1)))));
}

const item = (line, [sign, mark], attributes) => h("li", { dir: "auto", ...attributes }, h("span", selectable({ "data-pre-plain-text": `${mark} ` }), inline(line.slice(sign.length))));

function bullets(lines, signs) {
  return h("ul", { dir: "auto" }, lines.map((line, place) => item(line, signs[place])));
}

function numbers(lines, signs) {
  return h("ol", { dir: "auto", start: parseInt(signs[0][1], 10) }, lines.map((line, place) => item(line, signs[place], { value: parseInt(signs[place][1], 10) })));
}

function quotes(lines, signs) {
  return lines.map((line, place) => h("blockquote", selectable({ dir: "auto", "data-pre-plain-text": "> " }), h("div"), h("div", {}, inline(line.slice(signs[place][0].length)))));
}

// Runs of lines that are of one kind; a line end after a list or a citation belongs to it.
function runs(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const block = BLOCKS.find(({ sign }) => sign.test(line)) ?? null;
    if (found.length && found.at(-1).block === block) found.at(-1).lines.push(line);
    else found.push({ block, lines: [line] });
  }
  return found;
}

export function rich(text) {
  const all = runs(text);
  return all.flatMap(({ block, lines }, place) => {
    if (block) return block.build(lines, lines.map((line) => line.match(block.sign)));
    const ends = place < all.length - 1;
    return lines.map((line, number) => h("span", {}, inline(line), number < lines.length - 1 || ends ? "\n" : null));
  });
}

// The outermost piece. `before` stands before its test id, as in "image-caption selectable-text"; `beside` in its class.
export function textOf(text, { before = "", beside = "" } = {}) {
  const ids = profile.testid(before ? `${before} selectable-text` : "selectable-text");
  return h("span", { dir: beside ? "auto" : "ltr", class: `${beside} ${SELECTABLE.class}`.trim(), ...ids }, rich(text));
}

// The same without formatting, as a preview's title has it.
export function plain(text) {
  return text.replace(orEmoji(PIECE, text), (whole, block, code, sign, inner) => block ?? code ?? (sign ? plain(inner) : whole));
}

// For places where nothing is selectable: letters, and pictures without their text.
export function shown(text) {
  return split(plain(text).replace(/\s+/g, " ")).map((part, place) => (place % 2 ? emojiPicture(part) : part));
}
