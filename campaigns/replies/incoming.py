"""Replies: kept once, tied to the contact and the campaign they answer, and obeyed (campaigns.replies.obeying)."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from blu.text import phone as phones
from campaigns.models import Delivery, Hold, Reply
from campaigns.models.ledger_states import Status
from campaigns.notices import own_number
from campaigns.replies import hearing, identity, obeying, opt_ins, strangers
from campaigns.replies.identity import Person
from campaigns.replies.reasons import Reason
from contacts import stops
from contacts.models import Contact
from contacts.optin import confirming
from contacts.optin.confirming import Awaited
from sessions import chats
from sessions.events import Address, Incoming
from sessions.models import Chat, WhatsAppSession

# A reply answers the newest campaign message of the last month.
ANSWERS_WITHIN = timedelta(days=30)


@transaction.atomic
def hear_reply(*, session_id: int, incoming: Incoming) -> Reply | None:
    """Keep what a person wrote and obey it when it asks to stop or to come back; None when it says nothing new.

    A known message with another text was edited: both texts are kept, and the new one is obeyed as well. Of
    strangers only a stop is kept: campaigns.replies.strangers.
    """
    session = WhatsAppSession.objects.select_related("business").get(pk=session_id)
    # Who they are is asked before anything is written, and must not change meanwhile.
    chats.one_at_a_time(session.pk)
    address = identity.as_we_write_it(session, incoming.chat)
    known = chats.known(session.pk, address)
    if _is_of_a_member(session, incoming, address, known):
        return None
    if awaited := opt_ins.of(session, incoming, address, known):
        return _agreed(session, address, incoming, awaited)
    if strangers.is_stranger(session, address, known, unwritten=incoming.unwritten):
        return strangers.hear(session, address, incoming)
    person = identity.resolve(session, address, warm_at=incoming.at)
    chat = person.chat if person else None
    contacts = _contacts_of(session, person) if person else []
    known_reply = Reply.objects.filter(session=session, message_id=incoming.message_id).first()
    if known_reply and known_reply.is_wordless:
        return _asked_again(known_reply, contacts, incoming)
    if known_reply:
        return _heard_again(known_reply, contacts, incoming)
    reply = _kept(session, chat, contacts, incoming)
    if contacts:
        _answer(reply, contacts)
    obeying.obey(reply, contacts, reply.kind)
    return reply


def _contacts_of(session: WhatsAppSession, person: Person) -> list[Contact]:
    """Whose contact a writer is; what they wrote before their number showed is obeyed now, be it that they were erased."""
    contacts = identity.contacts_of(session, person.chat)
    if person.learned:
        contacts = contacts or opt_ins.contacts_of(session, person.chat)
        _tie(session.business_id, person.chat.phone, contacts)
    if contacts:
        identity.is_of_erased(session, person.chat)
    return contacts


def _kept(
    session: WhatsAppSession, chat: Chat | None, contacts: list[Contact], incoming: Incoming
) -> Reply:
    """The new message as it is kept."""
    text = incoming.content.body
    context = hearing.UNKNOWN
    if contacts or chat is None or chat.phone:
        answered = _answered(session.pk, contacts, incoming.at)
        context = hearing.context_of(answered, incoming.at)
    read = hearing.read(text, context)
    return Reply.objects.create(
        session=session,
        message_id=incoming.message_id,
        business=session.business,
        **identity.called(chat, incoming.message_id),
        contact=contacts[0] if contacts else None,
        text=text,
        at=incoming.at,
        edited_at=incoming.at if incoming.edited else None,
        kind=Reply.Kind(read.answer),
        reason=read.reason,
    )


@transaction.atomic
def learn_address(*, session_id: int, phone: str, address: Address) -> bool:
    """Keep every key that WhatsApp gave of a number's holder; True where it shows that nothing may go to them now.

    They may have written before under another key, when nobody knew who they are: it is obeyed now.
    """
    session = WhatsAppSession.objects.select_related("business").get(pk=session_id)
    address = replace(address, phone=phone)
    person = identity.resolve(session, address, looked_up_at=timezone.now())
    if person is None:
        return False
    if person.learned:
        contacts = opt_ins.contacts_of(session, person.chat)
        _tie(session.business_id, person.chat.phone, contacts)
    keys = identity.keys_of_chat(person.chat)
    return (
        identity.is_of_erased(session, person.chat)
        or stops.standing(session.business_id, keys).exists()
        or Hold.objects.filter(business=session.business_id, key__in=keys, done_at=None).exists()
    )


@transaction.atomic
def obey_earlier(*, contact_id: int) -> None:
    """Obey what a contact's person had written before the contact was made, where their stop was met at the claim.

    Nothing where they were erased just now.
    """
    for contact in Contact.objects.filter(pk=contact_id):
        _tie(contact.business_id, contact.phone, [contact])


def _agreed(
    session: WhatsAppSession, address: Address, incoming: Incoming, awaited: Awaited
) -> Reply:
    """Keep the message by which a person agrees, and obey it once their number is known."""
    person = identity.resolve(session, address, warm_at=incoming.at)
    chat = person.chat if person else None
    contact = None
    if chat and chat.phone:
        name = awaited.request.name if awaited.request else ""
        contact = confirming.contact_of(session.business, chat.phone, name)
    reply = Reply.objects.create(
        session=session,
        message_id=incoming.message_id,
        business=session.business,
        **identity.called(chat, incoming.message_id),
        contact=contact,
        text=incoming.content.body,
        at=incoming.at,
        kind=Reply.Kind.RETURN,
        reason=Reason.OPT_IN,
    )
    if contact is None:
        opt_ins.look_number_up(awaited.request)
        return reply
    contacts = identity.contacts_of(session, chat)
    _tie(session.business_id, reply.phone, contacts)
    _answer(reply, contacts)
    obeying.obey(reply, contacts, reply.kind)
    return reply


def _is_of_a_member(
    session: WhatsAppSession, incoming: Incoming, address: Address, known: Chat | None
) -> bool:
    """A member's word that proves their own number is no reply of anybody's, and is not kept."""
    written_from = address.number or identity.number_of(known)
    if not written_from:
        return False
    is_theirs = own_number.is_a_members(session.business_id, written_from)
    if is_theirs and hearing.kind_of(incoming.content.body) == Reply.Kind.STOP:
        own_number.withdraw(session.business_id, written_from)
    number = phones.with_ninth_digit(written_from)
    proof = own_number.written(session, incoming, number)
    if proof is None:
        return False
    # The proof asks for a chat under the number itself.
    wa_id = address.wa_id or (known.wa_id if known else "")
    ours = replace(address, phone=number, wa_id=wa_id)
    identity.resolve(session, ours, warm_at=incoming.at)
    own_number.prove(proof, number)
    return True


def _asked_again(reply: Reply, contacts: list[Contact], incoming: Incoming) -> Reply | None:
    """A message of which only the wish was kept, when its writer was a stranger: its words are none now either."""
    asked = strangers.asks_anew(reply, incoming)
    if asked:
        obeying.obey(reply, contacts, asked)
    return reply if asked else None


def _heard_again(reply: Reply, contacts: list[Contact], incoming: Incoming) -> Reply | None:
    """A message that is known: nothing to do, unless it says something else than before.

    One that becomes a stop is a request of now, whatever it said before: a browser tells of no edit.
    """
    text, at = incoming.content.body, incoming.at
    stood_since = reply.edited_at or reply.at
    is_late = at < stood_since
    again = text in reply.edited_from
    if text == reply.text or (again and is_late) or reply.is_forgotten:
        return None
    read = hearing.read(text, hearing.context_of(reply.delivery, reply.at))
    asked = Reply.Kind(read.answer)
    if is_late:
        known = reply.earlier
        reply.keep_earlier(text, at, asked)
        if reply.earlier == known:
            return None  # one of too many edits, told again; what asks for something later is known
        if reply.kind == Reply.Kind.RETURN or asked != Reply.Kind.STOP:
            asked = Reply.Kind.MESSAGE  # their later word stands
    else:
        if again and not incoming.edited and asked != Reply.Kind.STOP:
            # It may be an old word told again: on a doubt only a stop is obeyed.
            asked = Reply.Kind.MESSAGE
        reply.keep_earlier(reply.text, stood_since, hearing.kind_of(reply.text))
        reply.text, reply.edited_at = text, at
    if asked == Reply.Kind.HOLD and reply.kind == Reply.Kind.STOP:
        asked = Reply.Kind.MESSAGE  # nothing goes to them as it is
    # What was asked for was done, whatever the message says now.
    if asked != Reply.Kind.MESSAGE:
        reply.kind, reply.reason = asked, read.reason
    reply.handled_at = reply.handled_by = None
    reply.save()
    obeying.obey(reply, contacts, asked)
    return reply


def _tie(business_id: int, phone: str, contacts: list[Contact]) -> None:
    """Obey what a person wrote before their contact was known."""
    for reply in identity.untied(business_id, phone) if contacts else ():
        reply.contact = contacts[0]
        reply.save(update_fields=["contact"])
        _answer(reply, contacts)
        obeying.obey(reply, contacts, reply.kind)


def _answered(session_id: int, contacts: list[Contact], at: datetime) -> Delivery | None:
    """The newest message of this session to one of them that something written then can answer."""
    sent = Delivery.objects.filter(
        contact__in=contacts,
        session_id=session_id,
        sent_at__isnull=False,
        sent_at__gte=at - ANSWERS_WITHIN,
        sent_at__lte=at + timedelta(minutes=1),
    )
    return sent.order_by("-sent_at").first()


def _answer(reply: Reply, contacts: list[Contact]) -> None:
    """Tie the reply to the newest message it can answer, and let waiting ones go first."""
    delivery = _answered(reply.session_id, contacts, reply.at)
    if delivery:
        reply.delivery = delivery
        reply.save(update_fields=["delivery"])
        Delivery.objects.filter(pk=delivery.pk, replied_at__isnull=True).update(replied_at=reply.at)
    Delivery.objects.filter(
        contact__in=contacts, session_id=reply.session_id, status=Status.QUEUED, warm=False
    ).update(warm=True)
