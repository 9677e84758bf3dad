"""Replies: kept once, tied to the contact and the campaign they answer, and obeyed."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.text import phone as phones
from campaigns.models import Delivery, Hold, Notice, Reply
from campaigns.models.ledger_states import Reason, Status
from campaigns.models.notice_rules import CONFIRMED_DAYS, Kind
from campaigns.notices import own_number
from campaigns.replies import hearing, holds, identity, queued, strangers
from contacts import consent, evidence, stops
from contacts.models import Contact, Source, State, Subscription
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
    if strangers.is_stranger(session, address, known, unwritten=incoming.unwritten):
        return strangers.hear(session, address, incoming)
    person = identity.resolve(session, address, warm_at=incoming.at)
    chat = person.chat if person else None
    contacts = identity.contacts_of(session, chat)
    if chat and person and person.learned:
        _tie(session.business_id, chat.phone, contacts)
    known_reply = Reply.objects.filter(session=session, message_id=incoming.message_id).first()
    if known_reply and known_reply.is_wordless:
        return _asked_again(known_reply, contacts, incoming)
    if known_reply:
        return _heard_again(known_reply, contacts, incoming)
    reply = _kept(session, chat, contacts, incoming)
    if contacts:
        _answer(reply, contacts)
    _obey(reply, contacts, reply.kind)
    return reply


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
        contacts = identity.contacts_of(session, person.chat)
        _tie(session.business_id, person.chat.phone, contacts)
    keys = identity.keys_of_chat(person.chat)
    return (
        stops.standing(session.business_id, keys).exists()
        or Hold.objects.filter(business=session.business_id, key__in=keys, done_at=None).exists()
    )


@transaction.atomic
def obey_earlier(*, contact: Contact) -> None:
    """Obey what a contact's person had written before the contact was made, where their stop was met at the claim."""
    _tie(contact.business_id, contact.phone, [contact])


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
        _obey(reply, contacts, asked)
    return reply if asked else None


def _heard_again(reply: Reply, contacts: list[Contact], incoming: Incoming) -> Reply | None:
    """A message that is known: nothing to do, unless it says something else than before.

    One that becomes a stop is a request of now, whatever it said before: a browser tells of no edit.
    """
    text, at = incoming.content.body, incoming.at
    stood_since = reply.edited_at or reply.at
    is_late = at < stood_since
    again = text in reply.edited_from
    if text == reply.text or (again and is_late):
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
    _obey(reply, contacts, asked)
    return reply


def _tie(business_id: int, phone: str, contacts: list[Contact]) -> None:
    """Obey what a person wrote before their contact was known."""
    for reply in identity.untied(business_id, phone) if contacts else ():
        reply.contact = contacts[0]
        reply.save(update_fields=["contact"])
        _answer(reply, contacts)
        _obey(reply, contacts, reply.kind)


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


def _obey(reply: Reply, contacts: list[Contact], asked: str) -> None:
    """Do what was asked for; what was obeyed is marked as handled.

    The stop of a person without a number isn't: nobody can tell yet which contact it is.
    """
    if asked == Reply.Kind.STOP:
        _stop(reply, contacts)
        obeyed = bool(contacts or reply.phone)
    elif asked == Reply.Kind.RETURN:
        obeyed = _take_back(reply, contacts)
    else:
        obeyed = False
        if asked == Reply.Kind.HOLD and not holds.place(reply, contacts):
            _is_a_message(reply)
    if not obeyed:
        return
    if reply.handled_at is None:
        reply.handled_at = timezone.now()
        reply.save(update_fields=["handled_at"])


def _is_a_message(reply: Reply) -> None:
    """Nothing can be held of who wrote: it waits as any other answer."""
    reply.kind = Reply.Kind.MESSAGE
    reply.save(update_fields=["kind"])


def _stop(reply: Reply, contacts: list[Contact]) -> None:
    """Stop and revoke everything at once, and what is queued goes out no more; confirmed once.

    Also of whom they go on as since their number was corrected: it is their word, from their old number. The
    rows come before the consents, and these before the stop, as a claim locks them.
    """
    everyone = _with_successors(contacts)
    queued.skip(everyone, Reason.STOP)
    message = evidence.message(reply.message_id)
    for one in everyone:
        consent.revoke_all(contact=one, source=Source.WHATSAPP, evidence=message)
    holds.end(reply, Hold.Decision.STOP, everyone)
    keys = identity.keys_of(reply, everyone)
    stops.keep(business_id=reply.business_id, keys=keys, source=Source.WHATSAPP, evidence=message)
    stop = stops.of_number(reply.business_id, reply.phone) if contacts and reply.phone else None
    if stop and stop.evidence_ref == reply.message_id:
        said = _("Pronto. Você não vai mais receber mensagens de %(business)s por aqui.")
        _confirm(reply, Notice.Kind.STOP_CONFIRMATION, said)


def _with_successors(contacts: list[Contact]) -> list[Contact]:
    found = {contact.pk: contact for contact in contacts}
    for contact in contacts:
        while contact.replaced_by and contact.replaced_by_id not in found:
            contact = contact.replaced_by
            found[contact.pk] = contact
    return sorted(found.values(), key=lambda contact: contact.pk)


def _take_back(reply: Reply, contacts: list[Contact]) -> bool:
    """Lift their stop, and grant again what it had revoked; confirmed once. False: they are in nothing."""
    holds.end(reply, Hold.Decision.GO_ON, contacts)
    keys = identity.every_key_of(reply, contacts)
    stops.lift(business_id=reply.business_id, keys=keys, message_id=reply.message_id)
    granted = [
        consent.grant_back(
            contact=one, source=Source.WHATSAPP, evidence=evidence.message(reply.message_id)
        )
        for one in contacts
    ]
    if any(granted):
        said = _(
            "Pronto. Você volta a receber mensagens de %(business)s. Para parar, responda SAIR."
        )
        _confirm(reply, Notice.Kind.RETURN_CONFIRMATION, said)
    return Subscription.objects.filter(contact__in=contacts, state=State.GRANTED).exists()


def _confirm(reply: Reply, kind: Kind, said: str) -> None:
    """To the number that wrote, as campaigns.models.notice_rules asks for; not days after."""
    if not reply.phone or timezone.now() - reply.at > timedelta(days=CONFIRMED_DAYS):
        return
    Notice.objects.get_or_create(
        session_id=reply.session_id,
        kind=kind,
        cause=reply.message_id,
        defaults={
            "business": reply.business,
            "phone": reply.phone,
            "text": said % {"business": reply.business.name},
        },
    )
