// Emoji in a text. An expression that knows all their sequences takes the browser longer to make than the whole page
// to draw: only a text with a sign of one pays for it.

const SIGN = /[\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]/u;
const EMOJI = "(\\p{RGI_Emoji})";
const made = new Map();

function known(source, flags) {
  if (!made.has(source)) made.set(source, new RegExp(source, flags));
  return made.get(source);
}

// An expression for this text that finds emoji too, as the last of its groups.
export const orEmoji = (expression, text) => (SIGN.test(text) ? known(`${expression.source}|${EMOJI}`, expression.flags) : expression);

// What stands between emoji, and at each odd place one of them.
export const split = (text) => (SIGN.test(text) ? text.split(known(EMOJI, "v")) : [text]);
