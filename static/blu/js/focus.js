// A part of the page that is replaced while the focus is in it hands the focus on: to the same thing in the part
// that came, or to the first thing there, or to the part itself. Else it would fall back to the page's beginning.
const THINGS = "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, summary";
let lost = null;

function same(thing) {
  return thing.tagName === lost.tagName && thing.textContent === lost.textContent;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  lost = target !== document.body && target.contains(document.activeElement) ? document.activeElement : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!lost || document.activeElement !== document.body) return;
  const part = event.detail.elt;
  const things = [...part.querySelectorAll(THINGS)].filter((thing) => thing.checkVisibility());
  const next = things.find(same) ?? things[0] ?? part;
  lost = null;
  if (next === part) part.tabIndex = -1;
  next.focus({ preventScroll: true });
});
