// The banners over the list: all of them stand in one container, whatever they tell.

import { h, icon } from "./dom.js";
import { page } from "./standing.js";
import { words } from "./words.js";

const NAMES = { offline: "offlineBanner", timelock: "timelockBanner", cap: "capBanner" };
const ICONS = { offline: "alert-computer", notifications: "alert-notification", update: "alert-update" };

let container = null;

export function butterbar() {
  container = h("div", { is: "butterbar", class: "butterbar" });
  return container;
}

function banner(name) {
  const [title, text] = words.banners[name];
  const lines = h("div", {}, h("div", {}, h("span", {}, title)), h("div", {}, h("span", { role: "button", tabindex: "0" }, text)));
  const close = h("button", { "aria-label": words.close, class: "round quiet" }, icon("ic-close"));
  return h("span", {}, h("div", { is: NAMES[name], class: "butterbar-text" }, icon(ICONS[name] ?? "ic-info"), lines, name === "offline" ? null : close));
}

export function paint() {
  if (!container) return;
  const wanted = JSON.stringify([page.banners, words.locale]);
  if (container.look === wanted) return;
  container.look = wanted;
  container.replaceChildren(...page.banners.map(banner));
}
