// DOM profiles: which attributes the named elements carry in which build of WhatsApp Web.
//
// Every element that a driver may look for is made by dom.js under a name of ours; a profile maps
// the name to attributes, and says how icons, ticks, roles and message ids look. A new profile is a
// new entry of PROFILES: nothing else in the page knows about builds.

import { withTestIds, withoutTestIds } from "./profile_2026.js";
import { legacy } from "./profile_legacy.js";

const PROFILES = { "2026-10": withTestIds, "2026-08": withTestIds, "2026-testid": withTestIds, "2026-no-testid": withoutTestIds, "legacy-2025": legacy };

export const profileNamed = (name) => PROFILES[name];
