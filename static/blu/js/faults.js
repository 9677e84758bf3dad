// When a form comes back, its first fault has the focus and stands between the bars, its label with it.
// Without this file the summary above the form leads there.
const GAP = 12;
const FAULTS = "main form [aria-invalid='true'], main form .field__error, main form .notice--danger, .messages .notice--danger";

function controlOf(fault) {
  if (!fault.matches(".field__error")) return fault;
  return fault.closest(".field, form").querySelector("input:not([type=hidden]), select, textarea") ?? fault;
}

function heightOf(bar) {
  return bar && ["fixed", "sticky"].includes(getComputedStyle(bar).position) ? bar.offsetHeight : 0;
}

function bringIntoView(part) {
  const top = heightOf(document.querySelector(".top-bar"));
  const bars = document.querySelectorAll(".action-bar, .bottom-nav");
  const bottom = Math.max(0, ...[...bars].map(heightOf));
  const box = part.getBoundingClientRect();
  const free = window.innerHeight - top - bottom - box.height;
  window.scrollBy({ top: box.top - top - Math.max(GAP, free / 2), behavior: "instant" });
}

function show(root) {
  const fault = [...root.querySelectorAll(FAULTS)].find((one) => one.closest("details") || one.checkVisibility());
  if (!fault) return;
  for (let part = fault.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  const control = controlOf(fault);
  if (!control.matches("input, select, textarea, button")) control.tabIndex = -1;
  control.focus({ preventScroll: true });
  bringIntoView(control.closest(".field") ?? control);
}

show(document);
// A part that was asked for by a form of its own; what comes while one writes takes nobody's focus.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.elt.matches("form[method=post]")) show(event.detail.elt);
});
