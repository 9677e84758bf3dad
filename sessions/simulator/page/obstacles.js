// What stands in place of the box. Everything that takes it away is a block-message; what is inside tells them apart.

import * as dialogs from "./dialogs.js";
import { h } from "./dom.js";
import { page } from "./standing.js";
import { words } from "./words.js";

const link = (text) => h("span", { role: "button", tabindex: "0", class: "landing-link" }, text);

// Its end stands in the account's state and in the details, never in these words.
function timelock() {
  const details = h("button", { class: "landing-link", on: { click: () => dialogs.timelock(page.timelock) } }, h("span", {}, words.showDetails));
  return h("div", { is: "timelockBar" }, h("span", {}, words.blocks.timelock[page.timelock?.type] ?? words.blocks.timelock.DEFAULT, " ", details));
}

const cap = () => h("div", { is: "capBar" }, h("span", {}, words.blocks.cap, " ", link(words.learnMore)));

const sentence = (block) => h("div", {}, h("span", {}, words.blocks[block]));

// Why this chat can't be written in: `block` "" when it can, and the bar that says so.
export function obstacle(chat) {
  const block = chat.block || (["channel", "community"].includes(chat.kind) ? "announcement" : "");
  if (!block) return { block, bar: null };
  const inside = block === "timelock" ? timelock() : block === "cap" ? cap() : sentence(block);
  return { block: `${block} ${page.timelock?.type ?? ""}`, bar: h("div", { is: "blockMessage", class: "obstacle" }, inside) };
}
