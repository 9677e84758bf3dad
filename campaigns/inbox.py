"""Replies: kept once, tied to the contact and the campaign they answer, and obeyed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.lib import phone as phones
from blu.lib.keywords import is_return, is_stop
from campaigns import own_number
from campaigns.models import Delivery, Notice, Reply
from campaigns.notice_rules import CONFIRMED_DAYS, Kind
from campaigns.transitions import Status
from contacts import consent
from contacts.models import Contact, Source, State
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
    contact = contact_of(session, incoming.phone)
    reply, created = Reply.objects.get_or_create(
        session=session,
        message_id=incoming.message_id,
        defaults={
            "business": session.business,
            "phone": contact.phone if contact else incoming.phone,
            "contact": contact,
            "text": incoming.text,
            "at": incoming.at,
            "kind": _kind(incoming.text),
        },
    )
    if not created:
        return None
    _warm(session, reply.phone, incoming)
    if contact:
        _answer(reply, contact)
        _obey(reply, contact)
    return reply


def _is_of_a_member(session: WhatsAppSession, incoming: Incoming) -> bool:
    """A member's word that proves their own number is no reply of anybody's, and is not kept."""
    if is_stop(incoming.text):
        own_number.withdraw(session.business_id, incoming.phone)
    proof = own_number.written(session, incoming)
    if proof is None:
        return False
    number = own_number.canonical(incoming.phone)
    _warm(session, number, incoming)
    own_number.prove(proof, number)
    return True


def _kind(text: str) -> Reply.Kind:
    if is_stop(text):
        return Reply.Kind.STOP
    return Reply.Kind.RETURN if is_return(text) else Reply.Kind.MESSAGE


def contact_of(session: WhatsAppSession, phone: str) -> Contact | None:
    """The contact behind a number as WhatsApp writes it, which may lack the ninth digit."""
    asked = Chat.objects.filter(session=session, wa_id=phone.lstrip("+")).values("phone")
    forms = phones.forms(phone)
    return (
        Contact.objects.filter(Q(phone__in=forms) | Q(phone__in=asked), business=session.business)
        .order_by("id")
        .first()
    )


def _warm(session: WhatsAppSession, phone: str, incoming: Incoming) -> None:
    """The person has written: their chat is open from now on."""
    chat, _created = Chat.objects.get_or_create(
        session=session, phone=phone, defaults={"wa_id": incoming.phone.lstrip("+")}
    )
    if chat.warm_at is None:
        chat.warm_at = incoming.at
        chat.save(update_fields=["warm_at"])


def _answer(reply: Reply, contact: Contact) -> None:
    """Tie the reply to the newest message it can answer, and let waiting ones go first."""
    delivery = (
        Delivery.objects.filter(
            contact=contact,
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
        contact=contact, session_id=reply.session_id, status=Status.QUEUED, warm=False
    ).update(warm=True)


def _obey(reply: Reply, contact: Contact) -> None:
    """Do what it asks for; what was obeyed waits for nobody any more."""
    if reply.kind == Reply.Kind.STOP:
        _stop(reply, contact)
    elif reply.kind == Reply.Kind.MESSAGE or not _take_back(reply, contact):
        return
    reply.handled_at = timezone.now()
    reply.save(update_fields=["handled_at"])


def _stop(reply: Reply, contact: Contact) -> None:
    """Revoke everything at once; confirm once, and only where something was revoked."""
    if consent.revoke_all(contact=contact, source=Source.WHATSAPP, evidence=_evidence(reply)):
        said = _("Pronto. Você não vai mais receber mensagens de %(business)s por aqui.")
        _confirm(reply, Notice.Kind.STOP_CONFIRMATION, said)


def _take_back(reply: Reply, contact: Contact) -> bool:
    """Grant again what the person had agreed to before their own stop; confirm it once. False: they are in nothing."""
    if consent.grant_back(contact=contact, source=Source.WHATSAPP, evidence=_evidence(reply)):
        said = _(
            "Pronto. Você volta a receber mensagens de %(business)s. Para parar, responda SAIR."
        )
        _confirm(reply, Notice.Kind.RETURN_CONFIRMATION, said)
    return contact.subscriptions.filter(state=State.GRANTED).exists()


def _evidence(reply: Reply) -> str:
    return f"WhatsApp {reply.message_id}"


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
