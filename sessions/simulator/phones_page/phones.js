// Refreshes the parts marked data-live every second and a half, leaving what a person is typing alone.
"use strict";

async function refresh() {
  try {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const lives = [...fresh.querySelectorAll("[data-live]")];
    const known = document.querySelectorAll("[data-live]").length;
    if (lives.length !== known && !document.querySelector("input:focus")) {
      document.querySelector("main").replaceWith(fresh.querySelector("main"));
      return;
    }
    for (const part of lives) {
      const old = document.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!old || old.innerHTML === part.innerHTML || old.contains(document.activeElement)) continue;
      old.innerHTML = part.innerHTML;
      if (old.classList.contains("bubbles")) old.scrollTop = old.scrollHeight;
    }
  } catch {
    // The simulator is away for a moment: the next round tries again.
  }
}

for (const list of document.querySelectorAll(".bubbles")) list.scrollTop = list.scrollHeight;
setInterval(refresh, 1500);
