// DOM profiles: which attributes the named elements carry in which build of WhatsApp Web.
//
// Every element that a driver may look for is made by dom.js under a name of ours; a profile maps
// the name to attributes, and says how icons, ticks, roles and message ids look. A new profile is a
// new entry of PROFILES: nothing else in the page knows about builds.

const testid = (value) => ({ "data-testid": value });

import { withTestIds, withoutTestIds } from "./profile_2026.js";
import { legacy } from "./profile_legacy.js";

const august = {
  ...withTestIds,
  attributes: { ...withTestIds.attributes, linkScreen: testid("link-device-qrcode-alt-linking"), phoneNext: testid("link-device-phone-number-entry-next-button"), codeBox: testid("link-with-phone-number-code-cells") },
};
const october = {
  ...august,
  attributes: { ...august.attributes, linkScreen: testid("link_device_qr_screen"), altLinking: testid("link_device_qr_phone_number"), altLinkingHint: testid("link_device_qr_phone_number_link"), qrExpired: testid("link_device_qr_expired_refresh_button") },
};
const PROFILES = { "2026-10": october, "2026-08": august, "2026-testid": withTestIds, "2026-no-testid": withoutTestIds, "legacy-2025": legacy };

export const profileNamed = (name) => PROFILES[name];
