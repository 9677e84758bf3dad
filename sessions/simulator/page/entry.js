// Linking by number: the country, the field, and the eight characters.

import { h } from "./dom.js";
import { said } from "./landing_words.js";
import * as socket from "./socket.js";
import { pause, scaled, settings, words } from "./words.js";

const ERROR = "link-device-phone-number-entry-screen-error";
const CODES = { BR: "55", US: "1", PT: "351", MX: "52" };
const NAMES = { BR: "Brasil +55", US: "Estados Unidos +1", PT: "Portugal +351", MX: "México +52" };

export function phoneForm(next) {
  const input = h("input", { is: "phoneInput", type: "text", "aria-label": words.phoneLabel, value: "+55 " });
  const selector = h("button", { is: "countrySelector", type: "button", "aria-label": said.country, class: "country" }, NAMES.BR);
  locate(input, selector);
  const ask = (event) => {
    event.preventDefault();
    tellError("");
    next(() => socket.tell("ask_code", { phone: input.value }));
  };
  return h(
    "form",
    { is: "phoneScreen", class: "landing-form", on: { submit: ask } },
    h("h1", { class: "landing-title" }, words.phoneTitle),
    selector,
    input,
    h("div", { id: ERROR, class: "landing-error", role: "alert" }),
    h("button", { is: "phoneNext", type: "submit", class: "primary" }, words.next),
  );
}

// What is typed with a "+" chooses the country. The one by location comes when it comes: the typed "+" is
// dropped then, and what stood there becomes a number of that country.
async function locate(input, selector) {
  const choose = (country) => {
    selector.textContent = NAMES[country];
  };
  input.addEventListener("input", () => {
    const typed = input.value.replace(/\D/g, "");
    const country = input.value.startsWith("+") && Object.keys(CODES).find((name) => typed.startsWith(CODES[name]));
    if (country) choose(country);
  });
  const { country, country_after: after } = settings.linking;
  if (!after && country === "BR") return;
  if (after) await pause(scaled(after));
  choose(country);
  const typed = input.value.replace(/\D/g, "");
  input.value = `+${CODES[country]} ${typed === CODES.BR ? "" : typed}`;
}

export function tellError(text) {
  const place = document.getElementById(ERROR);
  if (place) place.textContent = text;
}

export function codeBox(code) {
  const instructions = "link-device-phone-number-code-screen-instructions";
  const letters = [...code].map((letter) => h("span", { class: "code-letter" }, letter));
  letters.splice(4, 0, h("span", {}, "-"));
  return h(
    "div",
    { is: "codeScreen" },
    h("h1", { class: "landing-title" }, words.codeTitle),
    h("div", { is: "codeBox", "data-link-code": [...code].join(","), "aria-details": instructions, class: "code" }, ...letters),
    steps(words.codeSteps, { id: instructions }),
  );
}

export function steps(list, attributes = {}) {
  return h("ol", { class: "landing-steps", ...attributes }, ...list.map((text) => h("li", {}, text)));
}
