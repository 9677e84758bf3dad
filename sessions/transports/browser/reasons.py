"""Reasons, as codes: those of single messages and those of the link.

Transports know nothing of Django: what a code means is put into words by the ledger
(campaigns.models.ledger_states.Reason) and by sessions.reasons.
"""

from __future__ import annotations

# Of single messages: words for the ledger (campaigns.models.ledger_states.Reason) and the logs.
NOT_ON_WHATSAPP = "not_on_whatsapp"
NO_TICK = "no_tick"
LINK_LOST = "link_lost"
CHAT_DID_NOT_OPEN = "chat_did_not_open"
WRONG_CHAT = "wrong_chat"
UNKNOWN_CHAT = "unknown_chat"
DRAFT_DIFFERS = "draft_differs"
PAGE_COVERED = "page_covered"
NO_EFFECT = "press_without_effect"
CONTACT_BLOCKED = "contact_blocked"
CHAT_LOCKED = "chat_locked"
NEW_CHATS_SPENT = "new_chats_spent"
NO_ROW = "no_row"
NEWS_FIRST = "news_first"

# Of the link: sessions.reasons has the words.
UNREACHABLE = "unreachable"
REFUSED_BROWSER = "browser_refused"
NO_ANSWER = "no_answer"
BROWSER_MISSING = "browser_missing"
BROWSER_GONE = "browser_gone"
BROWSER_SLOW = "browser_slow"
BROWSER_FAILED = "browser_failed"
NO_SANDBOX = "no_sandbox"
PROFILE_IN_USE = "profile_in_use"
PROFILE_UNUSABLE = "profile_unusable"
DISK_FULL = "disk_full"
LOGGED_OUT = "logged_out"
OFFLINE = "offline"
CONFLICT = "conflict"
RESTRICTED = "no_new_chats"
PAIRING_LATE = "pairing_late"
PHONE_REFUSED = "phone_refused"
NO_CONFIRMATION = "no_confirmation"
PAGE_ODD = "page_odd"
UNKNOWN_ICON = "unknown_sign"
UNKNOWN_PAGE = "unknown_page"
TERMS_ASKED = "terms_asked"
SCREEN_LOCKED = "screen_locked"
PASSKEY_ASKED = "passkey_asked"
TOO_MANY_ATTEMPTS = "too_many_attempts"
DATABASE_ERROR = "database_error"
