// What the bubble of each kind of message holds. Only texts, pictures and videos carry a stamp.

import { clock, date } from "./dates.js";
import { enlarge } from "./dialogs.js";
import { h, icon, svg } from "./dom.js";
import { expandable } from "./expandable.js";
import { textOf } from "./rich.js";
import { page } from "./standing.js";
import { directed, pretty, titleOf } from "./titles.js";
import { account, words } from "./words.js";

const PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==";

const writer = (chat, message) => {
  if (message.mine) return page.me || directed(pretty({ number: account() }));
  return directed(message.author || titleOf(chat));
};

function stamped(chat, message, ...content) {
  const stamp = `[${clock(message.at)}, ${date(message.at)}] ${writer(chat, message)}: `;
  return h("div", { class: "copyable-text", "data-pre-plain-text": stamp }, ...content);
}

const picture = (attributes) => h("img", { src: PIXEL, draggable: "true", class: "picture", ...attributes });

const caption = (message, name) => (message.text ? h("div", { class: "caption" }, expandable(message.text, { before: name })) : null);

const image = (chat, message) =>
  stamped(chat, message, h("div", { is: "imageThumb", role: "button", "aria-label": words.openImage, tabindex: "0" }, picture({ alt: "" })), caption(message, "image-caption"));

const video = (chat, message) => stamped(chat, message, h("div", { is: "videoContent", role: "button", tabindex: "0" }, picture({ alt: "" }), icon("media-play"), h("span", {}, "0:12")), caption(message, "video-caption"));

function file(chat, message) {
  const pdf = message.title.endsWith(".pdf") ? "document-PDF-icon" : "ic-description-filled";
  const thumb = h("div", { is: "documentThumb", role: "button", tabindex: "0", title: words.download(message.title), class: "file" }, icon(pdf), h("span", { dir: "auto" }, message.title));
  return h("div", {}, thumb, caption(message, "document-caption"));
}

const voice = () =>
  h("div", { class: "file" }, icon("ptt-status"), h("span", { "aria-label": words.voice }), h("button", { is: "playVoice", "aria-label": words.playVoice, class: "round quiet" }, icon("media-play")), h("div", { "aria-hidden": "true" }, "0:07"));

// Its label is its maker's, nothing that anybody wrote here. Pressed, it is shown large.
function sticker(chat, message) {
  const label = message.text || words.stickerMessage;
  const large = () => enlarge(h("div", { is: "mediaSticker" }, h("div", { role: "button", tabindex: "0", "aria-label": label }, picture({ alt: "" }))));
  return h("div", {}, h("span", {}, h("span", { is: "sticker" }, h("img", { src: PIXEL, draggable: "false", alt: label, class: "picture", on: { click: large } }))));
}

const viewOnce = () => h("div", { is: "viewOnce", class: "file" }, icon("view-once-sunset"), h("span", {}, words.viewOnce));

const deleted = (chat, message) => h("div", { class: "file" }, icon("recalled"), h("span", {}, message.mine ? words.deletedByMe : words.deleted));

const waiting = () => h("div", { class: "file" }, h("div", {}, svg("ic-schedule")), h("div", {}, h("span", {}, words.waiting, " ", h("span", { role: "button", tabindex: "0" }, words.learnMore))));

const titled = (message) => textOf([message.title, message.text].filter(Boolean).join("\n"));

const poll = (chat, message) =>
  h("div", {}, textOf(message.text || message.title), ["1", "2"].map((place) => h("div", { role: "checkbox", "aria-checked": "false", tabindex: "0" }, h("span", {}, place))));

const choices = (label) => (chat, message) => stamped(chat, message, titled(message), h("button", { class: "choice" }, label() || message.title));

const contact = (chat, message) =>
  h("div", { is: "contactCard" }, icon("default-contact-refreshed"), h("span", { dir: "auto" }, message.title || message.text), h("button", { class: "choice" }, words.message));

const place = (chat, message) => h("div", { is: "locationCard" }, h("a", { href: "https://maps.google.com/maps?q=-23.5,-46.6", target: "_blank", rel: "noopener noreferrer" }, picture({ alt: "" })), message.text || message.title ? h("span", {}, message.text || message.title) : null);

const KINDS = {
  text: (chat, message) => stamped(chat, message, quote(message), expandable(message.text)),
  image,
  video,
  document: file,
  voice,
  sticker,
  view_once: viewOnce,
  deleted,
  waiting,
  poll,
  list: choices(() => words.seeList),
  buttons: choices(() => words.ok),
  contact,
  location: place,
};

// What is answered to: its text is selectable too, and not the message's.
export function quote({ quoted }) {
  if (!quoted) return null;
  const author = h("div", {}, h("span", { is: "author", dir: "auto" }, quoted.author));
  return h("div", { is: "quoted" }, h("div", { role: "button", "aria-label": words.quoted, tabindex: "0", class: "quoted" }, h("span"), h("div", {}, author, textOf(quoted.text, { beside: "quoted-mention" }))));
}

export const content = (chat, message) => KINDS[message.kind](chat, message);
