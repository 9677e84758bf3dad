"""Replies: kept once, tied to the contact and the campaign they answer, and obeyed."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.lib import phone as phones
from blu.lib.keywords import is_return, is_stop
from campaigns import own_number
from campaigns.models import Delivery, Notice, Reply
from campaigns.notice_rules import CONFIRMED_DAYS, Kind
from campaigns.transitions import Status
from contacts import consent, evidence
from contacts.models import Contact, Source, State, Subscription
from sessions.events import Incoming
from sessions.models import Chat, WhatsAppSession

# A reply answers the newest campaign message of the last month.
ANSWERS_WITHIN = timedelta(days=30)


@transaction.atomic
def hear_reply(*, session_id: int, incoming: Incoming) -> Reply | None:
    """Keep a reply and obey it when it asks to stop or to come back; None when heard before."""
    session = WhatsAppSession.objects.select_related("business").get(pk=session_id)
    if _is_of_a_member(session, incoming):
        return None
    contacts = contacts_of(session, incoming.chat.number)
    contact = contacts[0] if contacts else None
    reply, created = Reply.objects.get_or_create(
        session=session,
        message_id=incoming.message_id,
        defaults={
            "business": session.business,
            "phone": _as_we_write_it(session, incoming.chat.number, contact),
            "contact": contact,
            "text": incoming.content.body,
            "at": incoming.at,
            "kind": _kind(incoming.content.body),
        },
    )
    if not created:
        return None
    _warm(session, reply.phone, incoming)
    if contacts:
        _answer(reply, contacts)
        _obey(reply, contacts)
    return reply


def _is_of_a_member(session: WhatsAppSession, incoming: Incoming) -> bool:
    """A member's word that proves their own number is no reply of anybody's, and is not kept."""
    if is_stop(incoming.content.body):
        own_number.withdraw(session.business_id, incoming.chat.number)
    proof = own_number.written(session, incoming)
    if proof is None:
        return False
    number = own_number.canonical(incoming.chat.number)
    _warm(session, number, incoming)
    own_number.prove(proof, number)
    return True


def _kind(text: str) -> Reply.Kind:
    if is_stop(text):
        return Reply.Kind.STOP
    return Reply.Kind.RETURN if is_return(text) else Reply.Kind.MESSAGE


def contacts_of(session: WhatsAppSession, phone: str) -> list[Contact]:
    """Everybody behind a number as WhatsApp writes it, which may lack the ninth digit.

    First who has the number, then whom the business wrote to under it: whatever became of a contact's
    own number, an answer finds the one whose message it answers.
    """
    numbers = _numbers(session, phone)
    business = session.business
    holders = list(Contact.objects.filter(business=business, phone__in=numbers).order_by("id"))
    # Asked apart: joined, the planner may read every contact (index delivery_written).
    written = Delivery.objects.filter(
        business_id=business.pk, phone__in=numbers, sending_at__isnull=False
    )
    others = set(written.values_list("contact_id", flat=True)) - {one.pk for one in holders}
    return holders + list(Contact.objects.filter(pk__in=others).order_by("-id"))


def _numbers(session: WhatsAppSession, phone: str) -> list[str]:
    """The forms of a number under which we may know the one who writes, ours first."""
    known = Chat.objects.filter(session=session, wa_id=phone.lstrip("+"))
    return [*known.order_by("id").values_list("phone", flat=True), *phones.forms(phone)]


def _as_we_write_it(session: WhatsAppSession, phone: str, contact: Contact | None) -> str:
    """The number under which one person's replies stand together."""
    numbers = _numbers(session, phone)
    return contact.phone if contact and contact.phone in numbers else numbers[0]


def _warm(session: WhatsAppSession, phone: str, incoming: Incoming) -> None:
    """The person has written: their chat is open from now on."""
    chat, _created = Chat.objects.get_or_create(
        session=session, phone=phone, defaults={"wa_id": incoming.chat.number.lstrip("+")}
    )
    if chat.warm_at is None:
        chat.warm_at = incoming.at
        chat.save(update_fields=["warm_at"])


def _answer(reply: Reply, contacts: list[Contact]) -> None:
    """Tie the reply to the newest message it can answer, and let waiting ones go first."""
    delivery = (
        Delivery.objects.filter(
            contact__in=contacts,
            session_id=reply.session_id,
            sent_at__isnull=False,
            sent_at__gte=reply.at - ANSWERS_WITHIN,
            sent_at__lte=reply.at + timedelta(minutes=1),
        )
        .order_by("-sent_at")
        .first()
    )
    if delivery:
        reply.delivery = delivery
        reply.save(update_fields=["delivery"])
        Delivery.objects.filter(pk=delivery.pk, replied_at__isnull=True).update(replied_at=reply.at)
    Delivery.objects.filter(
        contact__in=contacts, session_id=reply.session_id, status=Status.QUEUED, warm=False
    ).update(warm=True)


def _obey(reply: Reply, contacts: list[Contact]) -> None:
    """Do what it asks for; what was obeyed waits for nobody any more."""
    if reply.kind == Reply.Kind.STOP:
        _stop(reply, contacts)
    elif reply.kind == Reply.Kind.MESSAGE or not _take_back(reply, contacts):
        return
    reply.handled_at = timezone.now()
    reply.save(update_fields=["handled_at"])


def _stop(reply: Reply, contacts: list[Contact]) -> None:
    """Revoke everything at once; confirm once, and only where something was revoked.

    Also of whom they go on as since their number was corrected: it is their word, from their old number.
    """
    revoked = [
        consent.revoke_all(
            contact=one, source=Source.WHATSAPP, evidence=evidence.message(reply.message_id)
        )
        for one in _with_successors(contacts)
    ]
    if any(revoked):
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
    """Grant again what the person had agreed to before their own stop; confirm it once. False: they are in nothing."""
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
    """To the number that wrote, as campaigns.notice_rules asks for; not days after."""
    if timezone.now() - reply.at > timedelta(days=CONFIRMED_DAYS):
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
