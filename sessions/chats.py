"""Chats: which person an address is, by any key that is known; two chats of one person become one.

The keys of one person come apart over time: a number first, its LID by the way, a reply from the LID
alone. Whoever learns more calls `meet`, which is safe against others who learn at the same moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from blu.db import prepared_sql
from blu.text import phone as phones
from sessions.events import Address
from sessions.models import Chat

_LOCK = "hashtextextended('chats:' || %(session)s::text, 0)"
_ONE_AT_A_TIME = f"SELECT pg_advisory_xact_lock({_LOCK})"
# The same as a condition that waits for nobody, in a statement that has the session.
TRY_ONE_AT_A_TIME = f"pg_try_advisory_xact_lock({_LOCK})"


@dataclass(frozen=True)
class ResolvedChat:
    """A chat as it is now, and what its meeting changed, for who keeps something by Chat.person.

    `renamed` are (person before, person now), to be followed in this order.
    """

    chat: Chat
    renamed: list[tuple[str, str]] = field(default_factory=list)


def one_at_a_time(session_id: int) -> None:
    """Wait for the transactions that resolve another address of this session; for use in one."""
    prepared_sql.execute(_ONE_AT_A_TIME, {"session": str(session_id)})


def known(session_id: int, address: Address) -> Chat | None:
    """The known chat of an address; None where there is none for certain. Writes nothing."""
    same, _others = _of_one_person(_found(session_id, normal(address)), normal(address))
    return same[0] if same else None


def resolve(
    session_id: int,
    address: Address,
    *,
    warm_at: datetime | None = None,
    looked_up_at: datetime | None = None,
) -> ResolvedChat:
    """The one chat of an address's person, with all its keys; created, completed or merged as needed.

    For use in a transaction: others who resolve an address of this session wait until its end. The newest
    word on a key counts. Of merged chats the earliest warmth and opening stay. ValueError where no key
    is known.
    """
    address = normal(address)
    if not (address.number or address.lid or address.username):
        raise ValueError("an address without any key")
    with transaction.atomic():
        one_at_a_time(session_id)
        found = _found(session_id, address, lock=True)
        same, others = _of_one_person(found, address)
        renamed = [_without(chat, address) for chat in others]
        chat = same[0] if same else Chat(session_id=session_id)
        before = [one.person for one in same]
        if same[1:]:
            Chat.objects.filter(pk__in=[one.pk for one in same[1:]]).delete()
        stood = _state(chat)
        _complete(chat, same, address)
        chat.warm_at = _earliest([one.warm_at for one in same] + [warm_at])
        chat.looked_up_at = looked_up_at or chat.looked_up_at
        if chat.pk is None or _state(chat) != stood:
            chat.save()
        return ResolvedChat(chat, _changes([*renamed, *((old, chat.person) for old in before)]))


def same_number(chat: Chat, address: Address) -> bool:
    """Whether both have a number and it is one, with or without its ninth digit."""
    return bool(numbers_of(chat.phone, chat.wa_id) & numbers_of(address.phone, address.wa_id))


def normal(address: Address) -> Address:
    """An address as it is kept: names without their sign, in small letters."""
    return replace(address, username=address.username.lstrip("@").lower())


def _changes(renamed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(old, new) for old, new in renamed if old != new]


def _found(session_id: int, address: Address, *, lock: bool = False) -> list[Chat]:
    """Every chat that shares a key with the address, the strongest key first."""
    numbers = sorted(numbers_of(address.phone, address.wa_id))
    by_key = Q(phone__in=numbers) | Q(wa_id__in=[number.lstrip("+") for number in numbers])
    if address.lid:
        by_key |= Q(lid=address.lid)
    if address.username:
        by_key |= Q(username=address.username)
    rows = Chat.objects.filter(by_key, session=session_id).order_by("pk")
    found = list(rows.select_for_update() if lock else rows)
    return sorted(found, key=lambda chat: _strength(chat, address))


def _strength(chat: Chat, address: Address) -> int:
    if address.lid and chat.lid == address.lid:
        return 0
    return 1 if same_number(chat, address) else 2


def numbers_of(phone: str, wa_id: str) -> set[str]:
    """A person's number in every form that WhatsApp may have for it."""
    written = [phone, f"+{wa_id}" if wa_id else ""]
    return {form for number in written if number for form in phones.forms(number)}


def _of_one_person(found: list[Chat], address: Address) -> tuple[list[Chat], list[Chat]]:
    """Those that are the address's person, and those whose key has passed on to them.

    A LID is one account for good; a number may be given to somebody else, and a name taken by anybody.
    So a chat that shares a key is another's where a stronger key says so.
    """
    same: list[Chat] = []
    others: list[Chat] = []
    lid, numbers = address.lid, numbers_of(address.phone, address.wa_id)
    for chat in found:
        theirs = numbers_of(chat.phone, chat.wa_id)
        if lid and chat.lid:
            agrees = lid == chat.lid
        else:
            agrees = not numbers or not theirs or bool(numbers & theirs)
        (same if agrees else others).append(chat)
        if agrees:
            lid, numbers = lid or chat.lid, numbers or theirs
    return sorted(same, key=lambda chat: chat.pk), others


def _without(chat: Chat, address: Address) -> tuple[str, str]:
    """Take keys that are the address's now out of another chat. Returns (person before, person now)."""
    before = chat.person
    if same_number(chat, address):
        chat.phone = chat.wa_id = ""
    if chat.username == address.username:
        chat.username = ""
    chat.save()
    return before, chat.person


def _complete(chat: Chat, same: list[Chat], address: Address) -> None:
    """Give the chat every known key of its person; the newest value counts."""
    numbers = numbers_of(address.phone, address.wa_id)
    mine = [one for one in same if not numbers or numbers & numbers_of(one.phone, one.wa_id)]
    chat.wa_id = address.wa_id or _first(one.wa_id for one in mine)
    chat.phone = (
        address.phone
        or _first(one.phone for one in mine)
        or (f"+{chat.wa_id}" if chat.wa_id else "")
    )
    chat.lid = address.lid or _first(one.lid for one in same)
    chat.username = address.username or _first(one.username for one in same)
    chat.opened_at = _earliest([one.opened_at for one in same])
    looked = [one.looked_up_at for one in same if one.looked_up_at]
    chat.looked_up_at = max(looked) if looked else None


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _state(chat: Chat) -> tuple[object, ...]:
    keys = (chat.phone, chat.wa_id, chat.lid, chat.username)
    return (*keys, chat.looked_up_at, chat.opened_at, chat.warm_at)
