// <button data-copy="TEXT" data-copied="Copiado"><span>Copiar</span></button>: puts TEXT on the clipboard and says so.
const SAID_FOR = 3000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // No permission: the code is on the screen to be typed.
  }
  const before = said.textContent;
  said.textContent = button.dataset.copied;
  setTimeout(() => { said.textContent = before; }, SAID_FOR);
});
