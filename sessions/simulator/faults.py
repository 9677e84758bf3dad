"""Faults an account can be put under by `POST /control/faults`, kept per account.

Each fault is one entry of `KNOWN`: its name, and the parameters it takes with their defaults. The
page receives the faults of its account, before anything else happens and whenever they change,
and plays those that show; `delivery.py` and `page_socket.py` play those that concern the wire.
Times in seconds are multiplied by the time scale. Faults with `times` end by themselves after so
many plays; 0 means that they go on until they are cleared.
"""

from __future__ import annotations

import time
from typing import Any

from sessions.simulator import numbers

Values = dict[str, Any]

KNOWN: dict[str, Values] = {
    # Messages on their way
    # The clock stays: nothing is ever told of a message. It reaches its recipient or does not.
    "clock": {"reaches": False},
    # The recipient has the message at once; nothing is told of it for so long.
    "late_tick": {"seconds": 40.0},
    # The recipient's receipt is told at once, WhatsApp's own acknowledgement so much later.
    "receipt_first": {"seconds": 2.0},
    # The message reaches its recipient and receipts come, the acknowledgement never does.
    "no_ack": {},
    # Every receipt is told twice.
    "double_receipts": {},
    # The link
    # The network is cut and nothing shows it until the page's own timer runs out: of all devices, or of the one
    # of that id.
    "silent_cut": {"device": ""},
    # The network is gone and the browser says so: the page's "offline" event and banner.
    "offline": {},
    # Only the banner: messages go on.
    "offline_banner": {},
    # Another window took the account.
    "conflict": {},
    # No device is let in: WhatsApp's number for why (402 banned for `seconds` under a `code`, 403 locked,
    # 405 outdated, 406 banned, 503 busy). Of multi-device clients only, as the two below.
    "refused": {"reason": 403, "code": 101, "seconds": 0.0},
    # The server asks its clients to come again (515).
    "restart_required": {"times": 1},
    # Too much was asked (429): of lookups, of messages, or of both ("all").
    "rate_limit": {"what": "all"},
    # The phone takes all devices off after so many more messages; 0 is now.
    "logout": {"after": 0},
    # Chats without a recent token are refused until `until` (seconds since 1970; 0 is no end).
    "timelock": {"until": 0.0, "type": "DEFAULT"},
    # The quota of new chats: over it (CAPPED) they are refused, before it a banner warns.
    "cap": {"total": 50, "used": 50, "status": "CAPPED", "cycle_start": 0.0, "cycle_end": 0.0},
    # In place of every box: the contact is blocked, or another of the kinds.
    "blocked": {"kind": "contact"},
    # Banners in the butterbar that mean no harm.
    "banners": {"names": []},
    # The phone scans or types, and the account asks for its passkey: the page stays at this card.
    "passkey": {"card": "prompt", "passes": False},
    # The page
    # A "what's new" dialog: when the page is open, when the box has got text ("typed"), or in
    # place of the press ("pressed").
    "whats_new": {"when": "open", "times": 0},
    # Right after linking the page reloads itself, in the middle of the first sync.
    "reload_after_pairing": {},
    # The renderer dies for real: when the box has got text ("typed"), at the press before anything
    # left ("pressed"), or when the message is out and acknowledged but not on the disk ("sent").
    "crash": {"when": "pressed", "times": 1},
    # Another chat than the one asked for: at opening, or under the fingers once the box has text.
    "wrong_chat": {"to": "", "when": "open", "times": 0},
    # Every tick is an icon nobody has seen.
    "unknown_tick": {"icon": "wds-ic-quantum", "label": "Quântica"},
    # A chat opened without a text has this one in its box.
    "stale_draft": {"text": "rascunho velho", "times": 0},
    # The chat list comes so much later.
    "slow_pane": {"seconds": 20.0},
    # A click on send does nothing; with `keyboard`, Enter does nothing either.
    "deaf_send": {"keyboard": False, "times": 0},
    # At its next boot the page has lost the newest messages from its disk: so many, and all of the
    # last `seconds` (these are not scaled).
    "lost_writes": {"messages": 1, "seconds": 0.0, "times": 1},
}

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("whats_new", "when"): ("open", "typed", "pressed"),
    ("crash", "when"): ("typed", "pressed", "sent"),
    ("wrong_chat", "when"): ("open", "typed"),
    ("timelock", "type"): ("DEFAULT", "RESTRICT_ALL_COMPANIONS", "WEB_COMPANION_ONLY"),
    ("rate_limit", "what"): ("lookup", "message", "all"),
    ("cap", "status"): ("NONE", "FIRST_WARNING", "SECOND_WARNING", "CAPPED"),
    ("blocked", "kind"): ("contact", "announcement", "ex_member", "old_lid", "terms", "unknown"),
    ("passkey", "card"): ("prompt", "waiting", "code"),
}
BANNERS = ("notifications", "update", "background_sync", "language", "notice")


class Faults:
    """What is wrong with which account now. Changes come as events of the record."""

    def __init__(self) -> None:
        self._by_account: dict[str, dict[str, Values]] = {}

    def of(self, account: str, device: str = "") -> dict[str, Values]:
        """Fault names and parameters of an account, or of one of its devices; empty when nothing is wrong."""
        found = self._by_account.get(numbers.canonical(account), {})
        over = (
            {"timelock"} if 0 < found.get("timelock", {}).get("until", 0) <= time.time() else set()
        )
        if found.get("silent_cut", {}).get("device", "") not in ("", device):
            over.add("silent_cut")
        return {name: values for name, values in found.items() if name not in over}

    def accounts(self) -> list[str]:
        """The accounts with which something is wrong, in canonical digits."""
        return [account for account in self._by_account if self.of(account)]

    def apply(self, event: Values) -> None:
        """Play an event: a fault with its parameters, or with none of them the end of it."""
        account, fault, values = event["account"], event["fault"], event["values"]
        if values is not None:
            self._by_account.setdefault(account, {})[fault] = values
        elif fault is None:
            self._by_account.pop(account, None)
        else:
            self._by_account.get(account, {}).pop(fault, None)


def started(account: str, fault: str, values: Values) -> Values:
    """The event that puts an account under a fault; ValueError names what is unknown."""
    if fault not in KNOWN:
        raise ValueError(f"unknown fault {fault}; known: {', '.join(KNOWN)}")
    unknown = set(values) - set(KNOWN[fault])
    if unknown:
        raise ValueError(f"unknown parameter {', '.join(sorted(unknown))} of fault {fault}")
    for name, value in values.items():
        _check(fault, name, value)
    return _event(account, fault, KNOWN[fault] | values)


def ended(account: str, fault: str | None = None) -> Values:
    """The event that ends one fault of an account, or all of them."""
    return _event(account, fault, None)


def played(account: str, fault: str, values: Values) -> Values | None:
    """The event of one play of a fault that counts its plays; None when nothing changes."""
    times = values.get("times", 0)
    if not times:
        return None
    return _event(account, fault, values | {"times": times - 1} if times > 1 else None)


def _event(account: str, fault: str | None, values: Values | None) -> Values:
    return {
        "kind": "fault",
        "account": numbers.canonical(account),
        "fault": fault,
        "values": values,
    }


def _check(fault: str, name: str, value: Any) -> None:
    default = KNOWN[fault][name]
    number = isinstance(default, int | float) and not isinstance(default, bool)
    if number and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        raise ValueError(f"{name} of fault {fault} must be a number of at least 0")
    if not number and not isinstance(value, type(default)):
        raise ValueError(f"{name} of fault {fault} must be a {type(default).__name__}")
    choice = CHOICES.get((fault, name), (value,))
    if value not in choice:
        raise ValueError(f"{name} of fault {fault} must be one of {', '.join(choice)}")
    if fault == "banners" and not set(value) <= set(BANNERS):
        raise ValueError(f"names of fault banners must be of {', '.join(BANNERS)}")
