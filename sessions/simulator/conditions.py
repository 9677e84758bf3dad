"""Conditions an account can be put into by `POST /control/faults`, kept per account.

Each fault is one entry of `KNOWN`: its name, and the parameters it takes with their defaults. The
page receives the conditions of its account whenever they change and plays those that show; the
server plays those that concern the wire.
"""

from __future__ import annotations

from typing import Any

from sessions.simulator import numbers

KNOWN: dict[str, dict[str, Any]] = {
    # A "what's new" dialog lies over the page until somebody clicks it away.
    "whats_new": {},
    # The butterbar says that the computer is offline.
    "offline_banner": {},
    # New chats are refused until `until` (seconds since 1970); chats that exist go on.
    "timelock": {"until": 0.0},
    # The contact of the open chat is blocked: a notice stands where the compose box was.
    "blocked": {},
    # Another window took the account.
    "conflict": {},
}


class Conditions:
    """What is wrong with which account now."""

    def __init__(self) -> None:
        self._by_account: dict[str, dict[str, dict[str, Any]]] = {}

    def of(self, account: str) -> dict[str, dict[str, Any]]:
        """Fault names and parameters of an account, empty when nothing is wrong."""
        return self._by_account.get(numbers.canonical(account), {})

    def set(self, account: str, fault: str, values: dict[str, Any]) -> None:
        """Put an account under a fault; ValueError names what is unknown."""
        if fault not in KNOWN:
            raise ValueError(f"unknown fault {fault}; known: {', '.join(KNOWN)}")
        unknown = set(values) - set(KNOWN[fault])
        if unknown:
            raise ValueError(f"unknown parameter {', '.join(sorted(unknown))} of fault {fault}")
        self._by_account.setdefault(numbers.canonical(account), {})[fault] = KNOWN[fault] | values

    def clear(self, account: str, fault: str | None = None) -> None:
        """End one fault of an account, or all of them."""
        if fault is None:
            self._by_account.pop(numbers.canonical(account), None)
        else:
            self._by_account.get(numbers.canonical(account), {}).pop(fault, None)
