// A toast leaves by its button, or by itself after ten seconds unless the pointer or the focus rests on it.
const STAY = 10_000;

function leaveLater(toast) {
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) leaveLater(toast);
    else toast.remove();
  }, STAY);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
});
document.querySelectorAll("[data-toast]").forEach(leaveLater);
