"""Who an address is to a business: the chat, the number it is written as, the contacts behind it.

sessions.chats knows persons by their keys; here their replies follow when keys change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from blu.text import phone as phones
from campaigns.models import Delivery, Reply
from contacts import stops
from contacts.erasure import known_again
from contacts.models import Contact
from sessions import chats
from sessions.events import Address
from sessions.models import Chat, WhatsAppSession


@dataclass(frozen=True)
class Person:
    """A person as a session knows them; `learned` where their number became known just now."""

    chat: Chat
    learned: bool = False


def resolve(
    session: WhatsAppSession,
    address: Address,
    *,
    warm_at: datetime | None = None,
    looked_up_at: datetime | None = None,
) -> Person | None:
    """The person of an address, all that is known of them in one place; None where no key is known.

    For use in a transaction, as sessions.chats.resolve.
    """
    if not (address.number or address.lid or address.username):
        return None
    resolved = chats.resolve(session.pk, address, warm_at=warm_at, looked_up_at=looked_up_at)
    for before, now in resolved.renamed:
        theirs = Reply.objects.filter(business=session.business_id, session=session, person=before)
        number = now if is_number(now) else ""
        theirs.update(phone=number, called="" if number else now)
    nameless = [before for before, _now in resolved.renamed if not is_number(before)]
    return Person(resolved.chat, learned=bool(resolved.chat.phone and nameless))


def as_we_write_it(session: WhatsAppSession, address: Address) -> Address:
    """The address of a person who wrote, with the number under which their replies stand together.

    WhatsApp may write it without its ninth digit; of a person without a number nothing is guessed.
    """
    if not address.number:
        return address
    chat = chats.known(session.pk, address)
    if chat and not chats.same_number(chat, address):
        chat = None  # they have another number now
    found = Contact.objects.filter(
        business=session.business_id, phone__in=_numbers(chat, address.number)
    )
    contact = found.order_by("id").values_list("phone", flat=True).first()
    ours = chat.phone if chat else ""
    wa_id = address.wa_id or (chat.wa_id if chat else "") or address.number.lstrip("+")
    phone = contact or ours or address.phone or address.number
    return replace(address, phone=phone, wa_id=wa_id)


def contacts_of(session: WhatsAppSession, chat: Chat | None) -> list[Contact]:
    """Everybody behind a person's number, which WhatsApp may write without the ninth digit.

    First who has the number, then whom the business wrote to under it: whatever became of a contact's
    own number, an answer finds the one whose message it answers. Nobody for a person without a number.
    """
    if chat is None or not chat.phone:
        return []
    numbers = _numbers(chat, number_of(chat))
    business = session.business_id
    holders = list(Contact.objects.filter(business=business, phone__in=numbers).order_by("id"))
    # Asked apart: joined, the planner may read every contact (index delivery_written).
    written = Delivery.objects.filter(
        business_id=business, phone__in=numbers, sending_at__isnull=False
    )
    others = set(written.values_list("contact_id", flat=True)) - {one.pk for one in holders}
    return holders + list(Contact.objects.filter(pk__in=others).order_by("-id"))


def called(chat: Chat | None, message_id: str) -> dict[str, str]:
    """By what a reply's writer is known: a number, or else another key; at worst the message stands alone."""
    if chat is None:
        return {"phone": "", "called": f"message:{message_id}"}
    return {"phone": chat.phone, "called": "" if chat.phone else chat.person}


def number_of(chat: Chat | None) -> str:
    """The number of a chat's person as WhatsApp writes it; "" of nobody, or of one without a number."""
    if chat is None:
        return ""
    return f"+{chat.wa_id}" if chat.wa_id else chat.phone


def keys_of(reply: Reply, contacts: Sequence[Contact] = ()) -> set[str]:
    """The lasting keys of a reply's writer, as any session of the business knows them, and of these contacts.

    A username, which may pass to somebody else, only where nothing else is known; of a message alone none.
    """
    theirs = _chats_of(reply)
    keys = {stops.key_of(chat.phone) for chat in theirs if chat.phone}
    keys |= {f"lid:{chat.lid}" for chat in theirs if chat.lid}
    keys |= {stops.key_of(contact.phone) for contact in contacts}
    if reply.phone:
        keys.add(stops.key_of(reply.phone))
    if keys or reply.called.startswith("message:"):
        return keys
    return {reply.called}


def keys_of_chat(chat: Chat) -> set[str]:
    """Every key of a chat, as stops and holds have them."""
    known = (
        stops.key_of(chat.phone) if chat.phone else "",
        f"lid:{chat.lid}" if chat.lid else "",
        f"@{chat.username}" if chat.username else "",
    )
    return set(filter(None, known))


def is_of_erased(session: WhatsAppSession, chat: Chat) -> bool:
    """Whether a chat with a number is of somebody who was erased before they showed it; nothing goes to it from now on."""
    hidden = {key for key in keys_of_chat(chat) if not is_number(key)}
    return bool(chat.phone) and known_again.bars(
        business_id=session.business_id, phone=chat.phone, keys=hidden
    )


def lasting_key_of(reply: Reply) -> str:
    """The one key under which a reply's writer is held: the number's where it is known, else the LID's."""
    keys = keys_of(reply)
    return min(keys, key=lambda key: (not is_number(key), key))


def key_to_erase(reply: Reply) -> str:
    """By what contacts.erasure finds the person of a reply; "" of a message whose writer nobody can tell."""
    if reply.contact:
        return reply.contact.phone
    return lasting_key_of(reply) if keys_of(reply) else ""


def chat_of(reply: Reply) -> Chat | None:
    """The chat of a reply's writer in the session that heard it."""
    return next((chat for chat in _chats_of(reply) if chat.session_id == reply.session_id), None)


def every_key_of(reply: Reply, contacts: Sequence[Contact] = ()) -> set[str]:
    """The same with every username: all keys under which a stop of theirs may stand."""
    names = {f"@{chat.username}" for chat in _chats_of(reply) if chat.username}
    return keys_of(reply, contacts) | names


def has_stopped_since(reply: Reply, contacts: Sequence[Contact] = ()) -> bool:
    """Whether a reply's writer asked to stop after they had written it: messages may be heard in any order.

    A stop that a message asked for is as old as that message, whenever it was heard; any other as its row.
    """
    said, keys = reply.edited_at or reply.at, every_key_of(reply, contacts)
    theirs = Reply.objects.filter(business=reply.business_id, kind=Reply.Kind.STOP).exclude(
        pk=reply.pk
    )
    people = {form for key in keys for form in (phones.forms(key) if is_number(key) else [key])}
    by_message = theirs.filter(Q(person__in=people) | Q(contact__in=contacts))
    if any((one.edited_at or one.at) > said for one in by_message.only("at", "edited_at")):
        return True
    standing = stops.standing(reply.business_id, keys).filter(at__gt=said)
    said_so = Reply.objects.filter(business=reply.business_id, message_id=OuterRef("evidence_ref"))
    return standing.exclude(Exists(said_so)).exists()


def _chats_of(reply: Reply) -> list[Chat]:
    """The chats of a reply's writer in every session of the business."""
    found = Q()
    if reply.phone:
        found = Q(phone__in=phones.forms(reply.phone))
    elif reply.called.startswith("lid:"):
        found = Q(lid=reply.called.removeprefix("lid:"))
    elif reply.called.startswith("@"):
        found = Q(username=reply.called[1:])
    if not found:
        return []
    return list(Chat.objects.filter(found, session__business=reply.business_id).order_by("pk"))


def untied(business_id: int, phone: str) -> QuerySet[Reply]:
    """What a number's holder wrote before anybody knew which contact they are, in its order."""
    theirs = Reply.objects.filter(
        business=business_id, person__in=phones.forms(phone), contact=None
    )
    return theirs.order_by(F("at"), "pk")


def is_number(person: str) -> bool:
    """Whether a person's key is a number."""
    return person.startswith("+")


def _numbers(chat: Chat | None, number: str) -> list[str]:
    """The forms of a number under which we may know the one who writes, ours first."""
    ours = phones.forms(chat.phone) if chat and chat.phone else []
    return list(dict.fromkeys([*ours, *phones.forms(number)]))
