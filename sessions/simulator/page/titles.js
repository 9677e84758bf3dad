// What a chat is called, and what the box to write in says of it.

import { profile } from "./dom.js";
import { words } from "./words.js";

const grouped = (number) =>
  number.startsWith("55") && (number.length === 12 || number.length === 13)
    ? `+55 ${number.slice(2, 4)} ${number.slice(4, -4)}-${number.slice(-4)}`
    : `+${number}`;

export const pretty = ({ number }) => (number ? grouped(number) : "");

// A username stands before the number even when that is known; April's build knew none.
const username = (chat) => (chat.username && profile.usernames ? `@${chat.username}` : "");

export const titleOf = (chat) => chat.name || chat.verified || username(chat) || pretty(chat) || chat.masked || words.unknownUser;

// Numbers stand between marks that set their direction.
export const directed = (text) => (text.startsWith("+") ? `\u202a${text}\u202c` : text);

const isGroup = (chat) => chat.kind === "group" || chat.kind === "community";

export function boxLabel(chat) {
  const title = chat.own ? `${titleOf(chat)} ${words.you}` : titleOf(chat);
  return isGroup(chat) ? words.writeToGroup(title) : words.writeTo(title);
}

// Under the title in the header: members, followers, presence or nothing.
export function subtitleOf(chat) {
  if (isGroup(chat)) return [...chat.members, words.me].join(", ");
  return chat.kind === "channel" ? words.followers(chat.followers) : chat.presence;
}
