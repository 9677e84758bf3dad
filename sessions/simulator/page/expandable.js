// A long text shows its beginning, and each press some more. Of what is left a tenth of a page is shown with the rest.

import { h } from "./dom.js";
import { textOf } from "./rich.js";
import { words } from "./words.js";

const FIRST = 768;
const PAGE = 3072;
const SPARE = 0.1;

export function expandable(text, how = {}) {
  const letters = [...text];
  const box = h("div");
  const show = (limit, page) => {
    const cut = letters.length - limit > page * SPARE;
    const more = () => show(limit + PAGE, PAGE);
    const button = () => h("div", { is: "readMore", role: "button", tabindex: "0", class: "read-more-button", on: { click: more } }, words.readMore);
    box.replaceChildren(textOf(cut ? letters.slice(0, limit).join("") : text, how), ...(cut ? [" ", button()] : []));
  };
  show(FIRST, FIRST);
  return box;
}
