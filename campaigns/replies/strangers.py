"""Strangers: of who is no contact and got nothing from us only a stop is kept, never their words.

A stop without its words is a Reply of kind STOP with an empty text, and the chat's keys with it, so that
it is obeyed whenever its writer becomes a contact, by whichever key. That they came back is kept where a stop of theirs
stands, because it lifts that. Nothing else of a stranger is written anywhere.

Who writes under a key without a number may be somebody we wrote to, as long as there is one of the last
days whose key of that kind isn't known: then their words are kept for those days, or until they show who they are.
A transport that sees the whole chat, and nothing of ours in it, ends that doubt for all that was sent since the
session's newest device was linked: every device shows what any of them sends from then on.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import Delivery, Notice, Reply
from campaigns.models.ledger_states import Status
from campaigns.notices import own_number
from campaigns.replies import hearing, identity
from campaigns.replies.reasons import Reason
from contacts import evidence, stops
from contacts.models import Source
from sessions import chats
from sessions.events import Address, Incoming
from sessions.models import Chat, WhatsAppSession

MAY_BE_OURS = timedelta(days=7)
"""So long after a message its answer may come under a key that nobody knows yet."""


def is_stranger(
    session: WhatsAppSession, address: Address, known: Chat | None, *, unwritten: bool = False
) -> bool:
    """Returns whether the writer is no contact, no member, and no one we wrote to.

    `address` as campaigns.replies.identity.as_we_write_it gives it, `known` the chat that it surely is, `unwritten` as
    sessions.events.Incoming says it. False also where that can't be told yet.
    """
    if known and (known.opened_at or _has_agreed(known)):
        return False
    told = Chat(phone=address.phone, wa_id=address.wa_id)
    here = [chat for chat in (known, told) if chat and chat.phone]
    members = (own_number.is_a_members(session.business_id, chat.phone) for chat in here)
    if any(identity.contacts_of(session, chat) for chat in here) or any(members):
        return False
    return (
        bool(here)
        or _was_erased(session, address)
        or not _may_be_ours(session, address, unwritten=unwritten)
    )


def _was_erased(session: WhatsAppSession, address: Address) -> bool:
    """Whether they asked that all that is known of them go, and hide their number still."""
    address = chats.normal(address)
    return bool(stops.erased(session.business_id, [f"lid:{address.lid}", f"@{address.username}"]))


def _has_agreed(chat: Chat) -> bool:
    """Whether they wrote the code of a public page, which counts once their number is known."""
    theirs = Reply.objects.filter(session=chat.session_id, person=chat.person, contact=None)
    return theirs.filter(reason=Reason.OPT_IN).exclude(text="").exists()


def _may_be_ours(session: WhatsAppSession, address: Address, *, unwritten: bool) -> bool:
    """Returns whether this session wrote lately to a person whose key of this kind isn't known: it may be theirs."""
    if not (address.lid or address.username):
        return False
    linked = session.links.aggregate(at=Max("linked_at"))["at"] if unwritten else None
    unseen = Q(sending_at__lt=linked) if linked else Q()
    theirs = Chat.objects.filter(session=session, phone=OuterRef("phone"))
    known = theirs.exclude(lid="") if address.lid else theirs.exclude(username="")
    lately = Q(sent_at__gte=Now() - MAY_BE_OURS)
    in_doubt = Q(status__in=(Status.SENDING, Status.UNCERTAIN))
    return any(
        ledger.objects.filter(written, unseen, ~Exists(known), session_id=session.pk).exists()
        for ledger in (Delivery, Notice)
        for written in (lately, in_doubt)
    )


def hear(session: WhatsAppSession, address: Address, incoming: Incoming) -> Reply | None:
    """Keep a stranger's stop, or that they took it back; None where there is nothing to keep.

    For use in a transaction.
    """
    chat = _knows_by(session, address)
    if chat and chat.phone and not _forget(chat):
        chat = None
    before = Reply.objects.filter(session=session, message_id=incoming.message_id).first()
    if before:
        if not asks_anew(before, incoming):
            return None
        _obey(before)
        return before
    asked = hearing.kind_of(incoming.content.body)
    # Nothing goes to them that a doubt could hold.
    if asked in (Reply.Kind.MESSAGE, Reply.Kind.HOLD) or (
        asked == Reply.Kind.RETURN and not _has_stopped(session, address, chat)
    ):
        return None
    if chat is None:
        person = identity.resolve(session, address)
        chat = person.chat if person else None
    reply = Reply.objects.create(
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
    _obey(reply)
    return reply


def _obey(reply: Reply) -> None:
    """A stranger's wish stands beside their reply, whatever list they come into later."""
    if reply.kind == Reply.Kind.STOP:
        stops.keep(
            business_id=reply.business_id,
            keys=identity.keys_of(reply),
            source=Source.WHATSAPP,
            evidence=evidence.message(reply.message_id),
        )
    elif not identity.has_stopped_since(reply):
        keys = identity.every_key_of(reply)
        stops.lift(business_id=reply.business_id, keys=keys, reference=reply.message_id)


def sweep() -> int:
    """Delete the words of those who did not show in time that they are ours. Returns the number of people."""
    late = Reply.objects.filter(phone="", contact=None, at__lt=Now() - MAY_BE_OURS).exclude(text="")
    found = set(late.values_list("session", "person"))
    return sum(_forget_by(session, person) for session, person in found)


@transaction.atomic
def _forget_by(session_id: int, person: str) -> bool:
    """Forget the person with this key, unless we wrote to them or they have shown their number meanwhile."""
    chats.one_at_a_time(session_id)
    key = Q(username=person[1:]) if person.startswith("@") else Q(lid=person.removeprefix("lid:"))
    chat = Chat.objects.filter(key, session=session_id).first()
    if chat is None or chat.opened_at or chat.person != person:
        return False
    _forget(chat)
    return True


def _forget(chat: Chat) -> bool:
    """Keep nothing of a stranger's words; False where nothing of them is left, and no chat."""
    theirs = Reply.objects.filter(session=chat.session_id, person=chat.person, contact=None)
    theirs.filter(kind=Reply.Kind.MESSAGE).delete()
    if theirs.update(text="", earlier=[]):
        return True
    chat.delete()
    return False


def asks_anew(reply: Reply, incoming: Incoming) -> str:
    """Save that a known message asks for something else now, and return what; "" where it doesn't.

    Its words are not kept, so an edit can't be told from an old text told again: on a doubt only a stop is obeyed.
    """
    asked, since = hearing.kind_of(incoming.content.body), reply.edited_at or reply.at
    later = incoming.at > since or (incoming.edited and incoming.at == since)
    if asked in (Reply.Kind.MESSAGE, Reply.Kind.HOLD, reply.kind) or incoming.at < since:
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
    person = identity.resolve(session, address)
    return person.chat if person else None


def _has_stopped(session: WhatsAppSession, address: Address, chat: Chat | None) -> bool:
    """Whether a stop of theirs stands, heard by whichever session of the business."""
    number = chat.phone if chat else address.phone
    keys = [stops.key_of(number)] if number else []
    if chat:
        keys += [f"lid:{chat.lid}", f"@{chat.username}"]
    return stops.standing(session.business_id, keys).exists()
