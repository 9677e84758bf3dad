// DOM profiles: which attributes the named elements carry in which build of WhatsApp Web.
//
// Every element that a driver may look for is made by dom.js under a name of ours (`is`); a profile maps the name to
// attributes. 2026-08 is what the page's own code of August says, 2026-10 the same with what was seen on the live page
// until October in its place, 2026-no-testid is April's: no test id, and nothing that came later.

import { AUGUST, OCTOBER } from "./testids.js";

const named = (ids) => Object.fromEntries(Object.entries(ids).map(([name, value]) => [name, { "data-testid": value }]));

const AUGUSTS = {
  attributes: named(AUGUST),
  testid: (value) => ({ "data-testid": value }),
  usernames: true,
  conflict: "conflict",
  attachItems: "menu",
};

const PROFILES = {
  "2026-10": { ...AUGUSTS, attributes: named({ ...AUGUST, ...OCTOBER }), conflict: "otherTab", attachItems: "buttons" },
  "2026-08": AUGUSTS,
  "2026-no-testid": { ...AUGUSTS, attributes: {}, testid: () => ({}), usernames: false },
};

export const profileNamed = (name) => PROFILES[name];
