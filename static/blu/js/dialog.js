// <button data-opens="id"> opens the <dialog> of that id; [data-closes] inside it, or a click beside it, closes it.
// The focus starts on the safe choice, and the browser gives it back to the opener afterwards.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    dialog.showModal();
    dialog.querySelector("[data-closes]")?.focus();
    return;
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  else if (event.target instanceof HTMLDialogElement) event.target.close();
});
