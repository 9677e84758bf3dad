// What a chat is called: the saved name, the business's, the username, the number, or what is left of it.

const groups = (number) =>
  number.startsWith("55") && (number.length === 12 || number.length === 13)
    ? `+55 ${number.slice(2, 4)} ${number.slice(4, -4)}-${number.slice(-4)}`
    : `+${number}`;

export const pretty = (chat) => (chat.number ? groups(chat.number) : "");

export const titleOf = (chat) => chat.name || chat.verified || (chat.username && `@${chat.username}`) || pretty(chat) || chat.masked || "Unknown user";
