// The builds of 2026: with test ids, and the same without a single one.

const testid = (value) => ({ "data-testid": value });

const TESTIDS = {
  altLinking: testid("link-device-qrcode-alt-linking"),
  altLinkingHint: testid("link-device-qrcode-alt-linking-hint"),
  qr: testid("link-device-qr-code"),
  countrySelector: testid("phone-number-country-selector"),
  passkeyScreen: testid("shortcake_passkey_screen"),
  passkeyPrompt: testid("shortcake_passkey_prompt_card"),
  passkeyContinue: testid("shortcake_passkey_continue_button"),
  passkeyWaiting: testid("shortcake_passkey_waiting_for_phone_card"),
  passkeyMatching: testid("shortcake_passkey_code_matching_card"),
  passkeyCode: testid("shortcake_verification_code_display"),
  passkeyConfirm: testid("shortcake_code_confirm_button"),
  passkeyCancel: testid("shortcake_cancel_button"),
  phoneScreen: testid("link-device-phone-number-entry-screen"),
  phoneInput: testid("phone-number-input"),
  phoneNext: testid("start-phone-number-login-button"),
  codeScreen: testid("link-device-phone-number-code-screen"),
  syncScreen: testid("wa-web-loading-screen"),
  syncProgress: testid("startup-progress"),
  chatList: testid("chat-list"),
  butterbar: testid("chat-butterbar"),
  chatRow: testid("cell-frame-container"),
  chatTitle: testid("cell-frame-title"),
  chatTime: testid("cell-frame-primary-detail"),
  chatLast: testid("cell-frame-secondary"),
  unread: testid("icon-unread-count"),
  search: testid("chat-list-search"),
  header: testid("conversation-header"),
  headerTitle: testid("conversation-info-header-chat-title"),
  panel: testid("conversation-panel-messages"),
  text: testid("selectable-text"),
  meta: testid("msg-meta"),
  compose: testid("conversation-compose-box-input"),
  send: testid("compose-btn-send"),
  blockMessage: testid("block-message"),
  timelockBar: testid("reachout-timelock-compose-bar"),
  popup: testid("confirm-popup"),
  popupOk: testid("popup-controls-ok"),
  popupCancel: testid("popup-controls-cancel"),
  drawer: testid("chat-info-drawer"),
  attach: testid("clip"),
  attachMenu: testid("attach-menu"),
  caption: testid("media-caption-input-container"),
};

const TICKS_2026 = {
  pending: "wds-ic-status-pending",
  sent: "wds-ic-delivered",
  delivered: "wds-ic-read",
  read: "wds-ic-read",
};

export const withTestIds = {
  attributes: TESTIDS,
  tick: (state) => ({ title: TICKS_2026[state], attributes: {} }),
  messageId: (message) => message.id,
  messageAttributes: (message) => testid(`conv-msg-${message.id}`),
  icon: (name) => name,
  roles: { message: "row", chat: "row", chatList: "grid", dialog: "dialog" },
  search: "input",
  composeLabel: (label, name) => `${label} ${name}`,
};

export const withoutTestIds = { ...withTestIds, attributes: {}, messageAttributes: () => ({}) };
