"""Addresses: who, on which server, and which of their devices."""

from __future__ import annotations

from typing import NamedTuple

PEOPLE, LIDS = "s.whatsapp.net", "lid"
SERVERS_BY_DOMAIN = {0: PEOPLE, 1: LIDS, 128: "hosted", 129: "hosted.lid"}
DOMAINS = {server: domain for domain, server in SERVERS_BY_DOMAIN.items()}


class Jid(NamedTuple):
    """`device` 0 is the phone itself; `user` is empty for a server."""

    user: str
    server: str = PEOPLE
    device: int = 0

    def __str__(self) -> str:
        device = f":{self.device}" if self.device else ""
        return f"{self.user}{device}@{self.server}"

    @property
    def chat(self) -> Jid:
        """The same person without a device."""
        return Jid(self.user, self.server)


SERVER = Jid("", PEOPLE)


def jid_of(text: str) -> Jid:
    """An address as texts carry it; a number alone is a person's."""
    name, _, server = text.partition("@")
    user, _, device = name.partition(":")
    return Jid(
        user.partition(".")[0].partition("_")[0],
        PEOPLE if server in ("", "c.us") else server,
        int(device) if device.isdigit() else 0,
    )
