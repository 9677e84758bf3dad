// A form that changes something is sent once, however often it is pressed.
let sent = null;
const answered = () => (sent = null);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form === sent) return event.preventDefault();
  sent = form;
  setTimeout(answered, 5_000);
});
addEventListener("pageshow", answered);
