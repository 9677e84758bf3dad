"""Strangers: of who is no contact and got nothing from us only a stop is kept, never their words.

A stop without its words is a Reply of kind STOP with an empty text, and the chat's keys with it, so that
it is obeyed whenever its writer becomes a contact, by whichever key. That they came back is kept where a stop of theirs
stands, because it lifts that. Nothing else of a stranger is written anywhere.
"""

from django.utils import timezone

from blu.lib import phone as phones
from campaigns import identity, own_number
from campaigns.models import Reply
from sessions import chats
from sessions.events import Address, Incoming
from sessions.models import Chat, WhatsAppSession


def is_one(session: WhatsAppSession, address: Address, known: Chat | None) -> bool:
    """Whether this is nobody's contact, no member, and nobody whom we wrote to.

    `address` as campaigns.identity.as_we_write_it gives it, `known` the chat that it surely is.
    """
    if known and known.opened_at:
        return False
    told = Chat(phone=address.phone, wa_id=address.wa_id)
    here = [chat for chat in (known, told) if chat and chat.phone]
    members = (own_number.is_a_members(session.business_id, chat.phone) for chat in here)
    return not any(identity.contacts_of(session, chat) for chat in here) and not any(members)


def hear(session: WhatsAppSession, address: Address, incoming: Incoming) -> Reply | None:
    """Keep a stranger's stop, or that they took it back; None where there is nothing to keep.

    For use in a transaction.
    """
    before = Reply.objects.filter(session=session, message_id=incoming.message_id).first()
    if before:
        _knows_by(session, address)
        return before if asks_anew(before, incoming) else None
    asked = Reply.kind_of(incoming.content.body)
    chat = _knows_by(session, address)
    if asked == Reply.Kind.MESSAGE or (
        asked == Reply.Kind.RETURN and not _has_stopped(session, address, chat)
    ):
        return None
    if chat is None:
        person = identity.meet(session, address)
        chat = person.chat if person else None
    return Reply.objects.create(
        business=session.business,
        session=session,
        message_id=incoming.message_id,
        **identity.called(chat, incoming.message_id),
        kind=asked,
        at=incoming.at,
        edited_at=incoming.at if incoming.edited else None,
        # Nobody has to do anything about a number that nothing is sent to; who has none may be somebody's contact.
        handled_at=timezone.now() if chat and chat.phone else None,
    )


def asks_anew(reply: Reply, incoming: Incoming) -> str:
    """Take from a known message that it asks for something else now, saved; "" where it doesn't.

    Without its words nobody can tell an edit from an old text told again: on a doubt only a stop is obeyed.
    """
    asked, since = Reply.kind_of(incoming.content.body), reply.edited_at or reply.at
    later = incoming.at > since or (incoming.edited and incoming.at == since)
    if asked in (Reply.Kind.MESSAGE, reply.kind) or incoming.at < since:
        return ""
    if asked == Reply.Kind.RETURN and not later:
        return ""
    reply.kind, reply.edited_at = asked, incoming.at
    reply.save(update_fields=["kind", "edited_at"])
    return asked


def _knows_by(session: WhatsAppSession, address: Address) -> Chat | None:
    """The chat of a stranger who asked for something before, with the keys that are new; None of others."""
    if chats.known(session.pk, address) is None:
        return None
    person = identity.meet(session, address)
    return person.chat if person else None


def _has_stopped(session: WhatsAppSession, address: Address, chat: Chat | None) -> bool:
    """Whether a stop of theirs stands, heard by whichever session of the business."""
    number = chat.phone if chat else address.phone
    people = phones.forms(number) if number else [chat.person] if chat else []
    asked = Reply.objects.filter(business=session.business_id, person__in=people)
    last = asked.exclude(kind=Reply.Kind.MESSAGE).order_by("-at", "-pk").first()
    return bool(last and last.kind == Reply.Kind.STOP)
