// <div hx-get="…" hx-trigger="poll" data-poll="3">: asks every 3 seconds while the tab is seen, and at once
// when it is seen again. An answer without data-poll ends it.
const TICK = 500;
const asked = new WeakMap();

function ask(now) {
  if (document.hidden) return;
  document.querySelectorAll("[data-poll]").forEach((part) => {
    if (!asked.has(part)) asked.set(part, now);
    const due = asked.get(part) + Number(part.dataset.poll) * 1000 <= now;
    if (!due || part.classList.contains("htmx-request")) return;
    asked.set(part, now);
    part.dispatchEvent(new CustomEvent("poll"));
  });
}

setInterval(() => ask(Date.now()), TICK);
document.addEventListener("visibilitychange", () => ask(Date.now()));
