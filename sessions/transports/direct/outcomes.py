"""What the library's error says of a message: certainly not on the wire, or nobody can tell.

It raises texts, not types. Only texts that are known word for word say that nothing went out; any other leaves the
message in doubt.
"""

from __future__ import annotations

import re

from sessions.interfaces import InDoubt, NotSent

# Of messages: words for the logs, and for the ledger where it has them (campaigns.models.ledger_states.Reason).
NOT_ON_WHATSAPP = "not_on_whatsapp"
CHAT_LOCKED = "chat_locked"
TOO_MUCH_ASKED = "too_much_asked"
LINK_LOST = "link_lost"
UNKNOWN_ERROR = "unknown_error"

# What WhatsApp answers in place of its acknowledgement: the message went nowhere.
REFUSALS = {"463": CHAT_LOCKED, "429": TOO_MUCH_ASKED}
REFUSED = re.compile(r"server returned error (\d+)")
# What it asks before anything is written.
PREPARING = re.compile(r"failed to get (device list|user info for \S+ to fill LID cache): .+")
LOOKUP_LIMIT = "info query returned status 429: rate-overlimit"
NO_LINE = ("websocket not connected", "failed to send message node: websocket not connected")


def of_error(text: str) -> NotSent | InDoubt:
    """The outcome of a send that ended with this error."""
    refused = REFUSED.fullmatch(text)
    if refused is not None and refused[1] in REFUSALS:
        return NotSent(REFUSALS[refused[1]], permanent=False)
    if PREPARING.fullmatch(text):
        return NotSent(of_question(text), permanent=False)
    if text in NO_LINE:
        return NotSent(LINK_LOST, permanent=False)
    return InDoubt(UNKNOWN_ERROR)


def of_question(text: str) -> str:
    """Why WhatsApp didn't answer a question: it was asked too much, or the line is gone."""
    return TOO_MUCH_ASKED if text.endswith(LOOKUP_LIMIT) else LINK_LOST


def of_code(text: str) -> str:
    """Why there is no code for a phone, as a reason of sessions.reasons; "" where the line is to blame."""
    if text.startswith(("phone number too short", "international phone number required")):
        return "wrong_number"
    if "429" in text:
        return "too_many_attempts"
    return "wrong_number" if "status 400" in text else ""


def shape_of(text: str) -> str:
    """An unknown error for the log: its first words, without what may be somebody's number."""
    return re.sub(r"\S*[\d@]\S*", "…", text.partition(":")[0])[:80]
