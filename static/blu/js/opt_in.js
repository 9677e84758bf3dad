// The page of somebody's request: looks every few seconds, while it is seen, whether it was confirmed meanwhile.
const EVERY = 5000;
const UNTIL = Date.now() + 30 * 60 * 1000;

async function look() {
  if (document.hidden || Date.now() > UNTIL) return;
  // What somebody is typing stays.
  if (document.activeElement?.matches("input")) return;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const now = page.querySelector("main");
    const shown = document.querySelector("main");
    if (!now || now.dataset.state === shown.dataset.state) return;
    document.title = page.title;
    shown.replaceWith(now);
    now.setAttribute("tabindex", "-1");
    now.focus();
  } catch {
    // Offline: it is asked again.
  }
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
