// A message far from sight keeps its place and its id and nothing else, as the page's own code has it: all are drawn at
// first, then those that are further away than this lose what is inside until they come near again.

import { h } from "./dom.js";

const NEAR = 1000;
const contents = new WeakMap();
let watcher = null;

const shell = (hull, height) => {
  hull.style.minHeight = `${height}px`;
  hull.dataset.virtualized = "true";
  hull.firstChild.hidden = true;
  hull.firstChild.replaceChildren();
};

const whole = (hull) => {
  hull.style.minHeight = "";
  hull.dataset.virtualized = "false";
  hull.firstChild.hidden = false;
  hull.firstChild.replaceChildren(contents.get(hull));
};

function moved(entries) {
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    const isShell = target.dataset.virtualized === "true";
    if (isIntersecting && isShell) whole(target);
    else if (!isIntersecting && !isShell && boundingClientRect.height > 0 && target.isConnected) shell(target, boundingClientRect.height);
  }
}

// From now on these are the hulls of what scrolls here.
export function watch(scroller) {
  watcher?.disconnect();
  watcher = new IntersectionObserver(moved, { root: scroller, rootMargin: `${NEAR}px 0px` });
}

export function hull(content) {
  const node = h("div", { "data-virtualized": "false" }, h("div", {}, content));
  contents.set(node, content);
  watcher.observe(node);
  return node;
}

// What is or was inside.
export const contentOf = (node) => contents.get(node);
