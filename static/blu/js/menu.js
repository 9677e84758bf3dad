// <details data-menu> closes as menus do: by Escape, by a click elsewhere, when the focus leaves it.
function close(menu) {
  menu.open = false;
}

document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) close(menu);
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    close(menu);
    menu.querySelector("summary").focus();
  });
});
document.addEventListener("focusin", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) close(menu);
  });
});
