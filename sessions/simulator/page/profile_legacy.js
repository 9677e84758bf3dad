// A build of 2025: older test ids where there were any, ticks by data-icon, ids that say direction
// and number, rows of the chat list as list items, dialogs that only a marker tells.

const testid = (value) => ({ "data-testid": value });

const ATTRIBUTES = {
  qr: testid("qrcode"),
  codeBox: { "data-link-code": null },
  chatList: testid("chat-list"),
  chatRow: testid("cell-frame-container"),
  chatTitle: testid("cell-frame-title"),
  panel: testid("conversation-panel-messages"),
  send: testid("compose-btn-send"),
  popupOk: testid("popup-controls-ok"),
  popupCancel: testid("popup-controls-cancel"),
};

const ICONS = {
  "wds-ic-send-filled": "send",
  "ic-attach-file": "clip",
  "ic-close": "x",
  "mic-outlined": "ptt",
  "search-refreshed-thin": "search",
};

const TICKS = { pending: "msg-time", sent: "msg-check", delivered: "msg-dblcheck", read: "msg-dblcheck-ack" };

export const legacy = {
  attributes: ATTRIBUTES,
  tick: (state) => ({ title: TICKS[state], attributes: { "data-icon": TICKS[state] } }),
  messageId: (message) => `${message.mine}_${message.chat}_${message.id}`,
  messageAttributes: (message) => ({ class: message.mine ? "message message-out" : "message message-in" }),
  icon: (name) => ICONS[name] ?? name,
  roles: { message: "row", chat: "listitem", chatList: "list", dialog: null },
  search: "editable",
  composeLabel: () => null,
};
