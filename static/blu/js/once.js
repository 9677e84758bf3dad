// A form that changes something is sent once: a second press while the answer is on its way is not a second wish.
const AGAIN = 5_000;
const sent = new Set();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  // What answers with a file leaves the page as it is.
  setTimeout(() => sent.delete(form), AGAIN);
});
window.addEventListener("pageshow", () => sent.clear());
