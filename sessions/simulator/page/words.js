// WhatsApp's own words in the three languages the page knows, and what the server wrote into the page.
//
// Until it is linked the page speaks the browser's language, afterwards the phone's.

import { EN } from "./words_en.js";
import { ES } from "./words_es.js";
import { PT } from "./words_pt.js";

const LANGUAGES = { pt: PT, en: EN, es: ES };

export const settings = JSON.parse(document.getElementById("settings").textContent);

// The account this browser is linked to, and what the server knew of it when the page was loaded.
export const account = () => (localStorage.getItem("last-wid-md") ?? "").match(/\d+/)?.[0] ?? "";
export const own = account() ? (settings.accounts[account()] ?? settings.linked ?? {}) : {};
export const profileName = own.profile ?? settings.profile;
export const timing = settings.timing;
export const scaled = (seconds) => seconds * settings.scale;
export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export const words = { ...LANGUAGES[own.language ?? settings.language] };

// From now on everything that is drawn speaks this language.
export function speak(language) {
  Object.assign(words, LANGUAGES[language]);
  document.documentElement.lang = words.locale;
}
