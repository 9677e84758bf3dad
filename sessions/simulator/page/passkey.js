// The step that some accounts meet after the scan or the code: no QR code there, and no way on without their passkey.

import { h } from "./dom.js";
import { said } from "./landing_words.js";
import * as socket from "./socket.js";

const button = (is, text, action) => h("button", { is, type: "button", class: "primary", on: { click: action } }, text);

const card = (is, title, ...content) => h("div", { is, class: "passkey-card" }, h("h1", { class: "landing-title" }, title), ...content);

// What the browser says to the page's question for a passkey; a server's browser has no authenticator.
async function proveIt(error) {
  error.textContent = "";
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const publicKey = { challenge, rpId: "whatsapp.com", userVerification: "required", timeout: 60000 };
  await navigator.credentials.get({ publicKey }).catch(() => {
    error.textContent = said.passkeyFailed;
  });
  // Whether that was a passkey is the simulator's to say: none can be made for this address.
  socket.tell("passkey");
}

const matchingCode = () => {
  const letters = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => "123456789ABCDEFGHJKLMNPQRSTVWXYZ"[byte % 32]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
};

const CARDS = {
  prompt: () => {
    const error = h("div", { role: "alert", class: "landing-error" });
    return card("passkeyPrompt", said.passkeyTitle, h("p", {}, said.passkeyText), error, button("passkeyContinue", said.continue, () => proveIt(error)));
  },
  waiting: () => card("passkeyWaiting", said.waitingTitle, h("progress")),
  code: () =>
    card(
      "passkeyMatching",
      said.matchingTitle,
      h("div", { is: "passkeyCode", class: "code" }, matchingCode()),
      button("passkeyConfirm", said.confirm, () => socket.tell("passkey")),
    ),
};

export const passkeyScreen = (name, cancel) => h("div", { is: "passkeyScreen" }, CARDS[name](), button("passkeyCancel", said.cancel, cancel));
