// Of tabs that scroll sideways the open one is brought into sight; the page stays.
function show() {
  document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
    const tabs = tab.closest(".tabs");
    const over = tab.getBoundingClientRect().right - tabs.getBoundingClientRect().right;
    if (over > 0) tabs.scrollLeft += over;
  });
}

show();
window.addEventListener("resize", show);
document.addEventListener("htmx:afterSettle", show);
