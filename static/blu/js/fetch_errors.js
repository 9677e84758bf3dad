// A part that could not be fetched says so above the page, in the words of the error page that came instead,
// until the next answer.
const PLACE = ".messages";

function words(xhr) {
  const page = new DOMParser().parseFromString(xhr.responseText || "", "text/html");
  return [page.querySelector("main h1"), page.querySelector("main h1 + p")]
    .filter(Boolean)
    .map((part) => part.textContent.trim());
}

function clear() {
  document.querySelector("[data-fetch-error]")?.remove();
}

function tell([title, text]) {
  clear();
  const notice = document.getElementById("fetch-error").content.firstElementChild.cloneNode(true);
  notice.dataset.fetchError = "";
  if (title) notice.querySelector("h2").textContent = title;
  if (text) notice.querySelector("p").textContent = text;
  document.querySelector(PLACE).append(notice);
}

if (document.getElementById("fetch-error")) {
  document.addEventListener("htmx:responseError", (event) => tell(words(event.detail.xhr)));
  document.addEventListener("htmx:sendError", () => tell([]));
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful) clear();
  });
}
