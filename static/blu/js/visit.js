// An answer that a fragment could not hold (the person was signed out, the business changed, the database
// is away) is shown as the page it is, instead of being dropped in silence.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { status, responseURL } = event.detail.xhr;
  if (status === 401 || status === 403) location.assign(responseURL || location.href);
});
