"""Linking a device: offers show rotating refs or a code, a phone takes one of them.

An offer is one page, or one simulated session, that waits to be linked. Its ref (the text of the QR
picture) is good only while it is the current one.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import segno

from sessions.simulator import numbers
from sessions.simulator.entities import Device
from sessions.simulator.state import Refused, World

CODE_LETTERS = "123456789ABCDEFGHJKLMNPQRSTVWXYZ"
OFFER_LIFE = 60.0
FIRST_REF = 3  # the first code of a batch stands three times as long as the others
REF_PREFIX = "https://wa.me/settings/linked_devices#"


@dataclass
class Offer:
    """A page or session that waits to be linked. `kind` is page or wire, `label` its name for people."""

    id: str
    kind: str
    label: str
    opened_at: float = field(default_factory=time.time)
    ref: str = ""
    expired: bool = False
    code: str = ""
    code_phone: str = ""
    code_expired: bool = False
    card: str = ""
    holder: str = ""
    device: Device | None = None
    version: int = 0
    touched_at: float = field(default_factory=time.monotonic)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def show(
        self,
        *,
        ref: str = "",
        code: str = "",
        phone: str = "",
        expired: bool = False,
        code_expired: bool = False,
        card: str = "",
        holder: str = "",
    ) -> None:
        """Show this and nothing else, and wake those that wait for a change."""
        self.ref, self.code, self.code_phone, self.expired = ref, code, phone, expired
        self.code_expired, self.card, self.holder = code_expired, card, holder
        self.version += 1
        self.changed.set()

    async def change(self, seen: int, seconds: float) -> None:
        """Wait until the version is beyond `seen`, at most `seconds`."""
        self.changed.clear()
        if self.version > seen:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.changed.wait()
        except TimeoutError:
            return


def shown(offer: Offer) -> dict[str, Any]:
    """What an offer shows, with the squares of its QR picture."""
    squares: list[str] = []
    if offer.ref:
        matrix = segno.make(offer.ref, error="l", micro=False).matrix
        squares = ["".join(str(cell & 1) for cell in row) for row in matrix]
    return {
        "ref": offer.ref,
        "squares": squares,
        "expired": offer.expired,
        "code": offer.code,
        "code_expired": offer.code_expired,
        "card": offer.card,
    }


def new_ref() -> str:
    """Five comma-separated fields, as in a real QR code."""
    keys = [base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(4)]
    return ",".join([f"2@{keys[0]}{secrets.token_urlsafe(24)}", *keys[1:], "1"])


def new_code() -> str:
    """Eight characters that can't be mistaken for each other."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(8))


class Pairing:
    """All open offers of the process. They die with it, as real ones do."""

    def __init__(self, world: World, rotation: Callable[[], tuple[float, int, float]]) -> None:
        self._world = world
        self._rotation = rotation
        self.offers: dict[str, Offer] = {}
        self.taken: dict[str, Offer] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def open(self, *, kind: str, label: str) -> Offer:
        """A new offer with a fresh batch of refs."""
        offer = Offer(secrets.token_hex(8), kind, label)
        self.offers[offer.id] = offer
        self.reload(offer)
        return offer

    def reload(self, offer: Offer) -> None:
        """A fresh batch of refs, in place of whatever the offer showed."""
        self._stop(offer)
        offer.show(ref=new_ref())
        self._tasks[offer.id] = asyncio.get_running_loop().create_task(self._rotate(offer))

    def ask_code(self, offer: Offer, phone: str) -> None:
        """Show a code for this phone; Refused when the number can't be an account's."""
        number = numbers.canonical(phone)
        if self._world.wa_id(number) is None:
            raise Refused("wrong_number", 400)
        self._stop(offer)
        offer.show(code=new_code(), phone=number)
        self._tasks[offer.id] = asyncio.get_running_loop().create_task(self._expire_code(offer))

    def close(self, offer: Offer) -> None:
        """Close an offer: its refs and codes become invalid."""
        self._stop(offer)
        self.offers.pop(offer.id, None)
        self.taken.pop(offer.id, None)

    def find(self, offer_id: str) -> Offer | None:
        """An offer that is open, or that a phone took a short while ago."""
        return self.offers.get(offer_id) or self.taken.get(offer_id)

    def sweep(self) -> None:
        """Forget the offers of simulated sessions that stopped asking, and those long taken."""
        limit = time.monotonic() - OFFER_LIFE
        for offer in [*self.offers.values(), *self.taken.values()]:
            if offer.touched_at < limit and (offer.kind == "wire" or offer.device is not None):
                self.close(offer)

    async def scan(self, phone: str, ref: str) -> Device:
        """A phone scans a QR code; Refused when the ref is not a current one."""
        text = ref.strip().removeprefix(REF_PREFIX)
        for offer in self.offers.values():
            if text and offer.ref == text and not offer.expired:
                return await self._link(offer, phone)
        raise Refused("stale_ref", 410)

    async def enter_code(self, phone: str, code: str) -> Device:
        """A phone types the eight characters; Refused when no offer shows them for this phone."""
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        number = numbers.canonical(phone)
        for offer in self.offers.values():
            if typed and offer.code == typed and offer.code_phone == number:
                return await self._link(offer, phone)
        raise Refused("wrong_code", 400)

    async def pass_key(self, offer: Offer) -> None:
        """The passkey was shown: the card goes on to the device, where the account's allows it."""
        key = self._passkey(offer.holder)
        if key is not None and key["passes"]:
            await self._linked(offer, offer.holder)

    def _passkey(self, phone: str) -> dict[str, Any] | None:
        return self._world.faults.of(phone).get("passkey")

    async def _link(self, offer: Offer, phone: str) -> Device:
        key = self._passkey(phone)
        if key is not None and offer.kind == "page":
            self._stop(offer)
            offer.show(card=key["card"], holder=phone)
            raise Refused("passkey_required", 403)
        return await self._linked(offer, phone)

    async def _linked(self, offer: Offer, phone: str) -> Device:
        self._stop(offer)
        self.offers.pop(offer.id, None)
        try:
            offer.device = await self._world.link(phone, kind=offer.kind, name=offer.label)
        except Refused:
            self.offers[offer.id] = offer
            self.reload(offer)
            raise
        self.taken[offer.id] = offer
        offer.show()
        return offer.device

    async def _rotate(self, offer: Offer) -> None:
        seconds, batch, _ = self._rotation()
        for turn in range(batch - 1):
            await asyncio.sleep(seconds * (FIRST_REF if turn == 0 else 1))
            offer.show(ref=new_ref())
        await asyncio.sleep(seconds)
        offer.show(ref=offer.ref, expired=True)

    async def _expire_code(self, offer: Offer) -> None:
        await asyncio.sleep(self._rotation()[2])
        if offer.kind == "wire":
            self.reload(offer)
        else:
            offer.show(code_expired=True)

    def _stop(self, offer: Offer) -> None:
        task = self._tasks.pop(offer.id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
