// Hours and dates: in the browser's zone, in the order and with the clock of the phone.

import { page } from "./standing.js";
import { words } from "./words.js";

const DAY = 86400e3;
const two = (number) => String(number).padStart(2, "0");
const HALVES = { es: ["a. m.", "p. m."] };

export function clock(at) {
  const moment = new Date(at * 1000);
  const [hour, minute] = [moment.getHours(), two(moment.getMinutes())];
  if (!page.hour12) return `${two(hour)}:${minute}`;
  return `${hour % 12 || 12}:${minute} ${(HALVES[words.locale] ?? ["AM", "PM"])[Number(hour >= 12)]}`;
}

export function date(at) {
  const moment = new Date(at * 1000);
  const [day, month, year] = [moment.getDate(), moment.getMonth() + 1, moment.getFullYear()];
  return words.locale === "en-US" ? `${month}/${day}/${year}` : `${two(day)}/${two(month)}/${year}`;
}

const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);

export const isSameDay = (one, other) => other !== undefined && midnight(one * 1000) === midnight(other * 1000);

// How the list tells it: the hour of today, yesterday, a weekday of this week, or a date.
export function listTime(at) {
  const days = Math.round((midnight(Date.now()) - midnight(at * 1000)) / DAY);
  if (days <= 0) return clock(at);
  if (days === 1) return words.yesterday;
  return days < 7 ? new Date(at * 1000).toLocaleDateString(words.locale, { weekday: "long" }) : date(at);
}

// How a day is called between the messages.
export function dayName(at) {
  const name = isSameDay(at, Date.now() / 1000) ? words.today : listTime(at);
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}
