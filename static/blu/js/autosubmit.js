// <form data-autosubmit>: a filter acts when chosen; a search acts a moment after the last key.
// Its button stays for those without scripts and is hidden for the others ([data-autosubmit-button]).
const PAUSE = 400;
let waiting;

function submit(form) {
  clearTimeout(waiting);
  form.requestSubmit();
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && event.target.type !== "search") submit(form);
});
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]") || event.target.type !== "search") return;
  clearTimeout(waiting);
  waiting = setTimeout(submit, PAUSE, form);
});
document.querySelectorAll("[data-autosubmit-button]").forEach((button) => {
  button.hidden = true;
});
