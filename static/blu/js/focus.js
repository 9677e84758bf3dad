// A part that is replaced hands its focus on: to the same thing in what came, the first thing there, or the part.
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
