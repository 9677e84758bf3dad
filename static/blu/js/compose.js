// The composer: formatting and variables at the cursor, and news for the parts of the page that listen.
// <form data-compose> says "compose:text" when the text changed, "compose:variables" when its variables
// did, and "compose:save" when anything is worth saving. What is wrong stands in [data-errors-of], the length
// of the text in #texto-conta when it matters. Without this file the form still works.
const TEXT_PAUSE = 400;
const SAVE_PAUSE = 1500;
const NEAR = 0.9;
const PLACEHOLDER = /\{\{([^{}|\n]*)(?:\|([^{}\n]*))?\}\}/g;

const form = document.querySelector("[data-compose]");
const text = form.querySelector("textarea[name=body]");
const waiting = new Map();
let unseen = false;
let saving = "";
let pressed = null;
let known = placeholders();

function later(name, pause) {
  clearTimeout(waiting.get(name));
  const say = () => {
    waiting.delete(name);
    form.dispatchEvent(new CustomEvent(name));
  };
  waiting.set(name, setTimeout(say, pause));
}

function placeholders() {
  return JSON.stringify([...text.value.matchAll(PLACEHOLDER)].map(([, name, fallback]) => [name, fallback]));
}

// "Plano de Saúde" and plano_de_saude are one variable, here as on the server.
function key(name) {
  const folded = name.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  return folded.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_|_$/g, "");
}

function replace(start, end, inserted, from, to) {
  text.focus();
  text.setSelectionRange(start, end);
  // Kept by the browser's own undo; setRangeText is not.
  if (!document.execCommand("insertText", false, inserted)) {
    text.setRangeText(inserted, start, end, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  text.setSelectionRange(from, to);
}

function wrap(mark) {
  const { selectionStart: start, selectionEnd: end, value } = text;
  const chosen = value.slice(start, end);
  const blanks = chosen.match(/^\s*/)[0].length;
  const inner = chosen.trim();
  const before = chosen.slice(0, blanks);
  const after = chosen.slice(blanks + inner.length);
  const at = start + blanks + 1;
  replace(start, end, `${before}${mark}${inner}${mark}${after}`, at, at + inner.length);
}

function prefix(mark) {
  const { selectionStart, selectionEnd, value } = text;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const chosen = value.slice(start, selectionEnd);
  const marked = chosen.split("\n").map((line) => mark + line).join("\n");
  replace(start, selectionEnd, marked, start + marked.length, start + marked.length);
}

function insert(name) {
  const { selectionStart: start, selectionEnd: end } = text;
  const placeholder = `{{${name}}}`;
  replace(start, end, placeholder, start + placeholder.length, start + placeholder.length);
}

// A fallback typed beside the text is written into every placeholder of its variable.
function fallBack(field) {
  const clean = field.value.replace(/[{}|\n\r]+/g, " ").trim();
  text.value = text.value.replace(PLACEHOLDER, (whole, name) => {
    if (key(name) !== field.dataset.fallback) return whole;
    return `{{${name.trim()}${clean ? `|${clean}` : ""}}}`;
  });
  form.elements[`reserva-era-${field.dataset.fallback}`].value = field.value;
  known = placeholders();
  later("compose:text", TEXT_PAUSE);
}

// Near the limit the text's length is told; a person counts an emoji once, and so does the server.
const counter = document.getElementById("texto-conta");
function count() {
  const most = Number(counter.dataset.most);
  const length = [...text.value.trim()].length;
  const over = length > most;
  counter.hidden = length < most * NEAR;
  counter.classList.toggle("is-over", over);
  const said = over ? counter.dataset.over : counter.dataset.near;
  const shown = (over ? length - most : length).toLocaleString(document.documentElement.lang);
  if (!counter.hidden) counter.textContent = said.replace("__n__", shown);
}

// A field is red as long as something stands in its box of errors.
function mark(box) {
  const control = document.getElementById(box.dataset.errorsOf);
  if (box.childElementCount) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

// Where nothing saves itself nobody brings news of an error: it goes as soon as the text changes.
function forgive() {
  const box = form.querySelector("[data-errors-of]");
  if (!box || document.getElementById("salvo")) return;
  box.replaceChildren();
  box.hidden = true;
  mark(box);
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[type=button]");
  if (!button) return;
  if (button.dataset.wrap) wrap(button.dataset.wrap);
  else if (button.dataset.prefix) prefix(button.dataset.prefix);
  else if (button.dataset.insert) insert(button.dataset.insert);
});
form.addEventListener("input", (event) => {
  if (event.target.dataset.fallback) fallBack(event.target);
  if (event.target === text) {
    later("compose:text", TEXT_PAUSE);
    count();
    forgive();
  }
  if (event.target === text && placeholders() !== known) {
    known = placeholders();
    later("compose:variables", TEXT_PAUSE);
  }
  if (event.target.name && event.target.name !== "piores") later("compose:save", SAVE_PAUSE);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  document.querySelectorAll("[data-errors-of]").forEach(mark);
});

function forget() {
  waiting.forEach((timer) => clearTimeout(timer));
  waiting.clear();
}

function named() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Who leaves within the pause loses nothing: the browser sends it after the page is gone.
function saveNow() {
  if (!waiting.has("compose:save")) return;
  clearTimeout(waiting.get("compose:save"));
  waiting.delete("compose:save");
  unseen = true;
  const body = new FormData(form);
  body.set("acao", "rascunho");
  body.set("salva", named());
  // Its words are this page's own, although their version isn't known here yet.
  if (saving) body.set("depois_de", saving);
  fetch(window.location.pathname, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
}

// Each saving brings the draft's next version: who presses a button meanwhile sends the form once it is there.
const saver = document.getElementById("salvo");
saver?.addEventListener("htmx:configRequest", (event) => {
  event.detail.parameters.salva = named();
});
saver?.addEventListener("htmx:beforeRequest", (event) => {
  saving = event.detail.requestConfig.parameters.salva;
});
saver?.addEventListener("htmx:afterRequest", () => {
  saving = "";
  if (pressed) form.requestSubmit(pressed);
  pressed = null;
});
form.addEventListener("submit", (event) => {
  forget();
  if (!saving) return;
  event.preventDefault();
  pressed = event.submitter;
});
window.addEventListener("pagehide", () => {
  saveNow();
  forget();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") saveNow();
  else if (unseen) {
    // Whoever comes back sees what became of it.
    unseen = false;
    later("compose:save", 0);
  }
});

count();
document.querySelectorAll("[data-scripted]").forEach((part) => {
  part.hidden = false;
});
