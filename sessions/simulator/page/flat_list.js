// The rows of a drawer, as the page's own lists draw them: only those near sight are in the page, each at its place.

import { arrange, h, mark, profile } from "./dom.js";

const ROW = 76;
const SPARE = 5;

// In what scrolls: rows of `items()` made by `row(item)`; one whose `look(item)` is the same stays the same node.
export function flatList({ is, items, row, look }) {
  const looks = new WeakMap();
  const view = h("div", { class: "grid" });
  const list = h("div", { is, tabindex: "-1" }, view);
  const placed = (item, place, number, old) => {
    const shows = look(item);
    const node = old.get(shows) ?? row(item);
    looks.set(node, shows);
    mark(node, profile.testid(`list-item-${number}`));
    node.style.transform = `translateY(${place * ROW}px)`;
    return node;
  };
  const paint = () => {
    const all = items();
    const scroller = list.parentElement;
    const top = Math.max(0, scroller.scrollTop - list.offsetTop);
    const first = Math.max(0, Math.floor(top / ROW) - SPARE);
    const last = Math.min(all.length, Math.ceil((top + scroller.clientHeight) / ROW) + SPARE);
    const old = new Map([...view.children].map((node) => [looks.get(node), node]));
    view.style.height = `${all.length * ROW}px`;
    arrange(view, all.slice(first, last).map((item, number) => placed(item, first + number, number, old)));
  };
  return { list, paint };
}
