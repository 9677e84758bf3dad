"""What a reply asks for is done: nothing more goes out, or the person is back, or agrees; each confirmed once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Hold, Notice, Reply
from campaigns.models.ledger_states import Reason
from campaigns.models.notice_rules import CONFIRMED_DAYS, Kind
from campaigns.replies import holds, identity, opt_ins, queued
from contacts import consent, evidence, stops
from contacts.models import Contact, Source, State, Subscription
from contacts.optin import confirming


def obey(reply: Reply, contacts: list[Contact], asked: str) -> None:
    """Do what was asked for; what was obeyed is marked as handled.

    The stop of a person without a number isn't: nobody can tell yet which contact it is.
    """
    if asked == Reply.Kind.STOP:
        _stop(reply, contacts)
        obeyed = bool(contacts or reply.phone)
    elif asked == Reply.Kind.RETURN:
        obeys = _agree if reply.is_opt_in else _take_back
        late = identity.has_stopped_since(reply, contacts)
        obeyed = not late and obeys(reply, contacts)
        if late:
            _is_a_message(reply)
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
    """Nothing can be held of who wrote, or their newer word counts: it waits as any other answer."""
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
        _confirm(reply, Notice.Kind.STOP_CONFIRMATION, said % {"business": reply.business.name})


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
    stops.lift(business_id=reply.business_id, keys=keys, reference=reply.message_id)
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
        _confirm(reply, Notice.Kind.RETURN_CONFIRMATION, said % {"business": reply.business.name})
    return Subscription.objects.filter(contact__in=contacts, state=State.GRANTED).exists()


def _agree(reply: Reply, contacts: list[Contact]) -> bool:
    """Lift their stop and grant what the page was about; confirmed once. False: a person has to look at it."""
    awaited = opt_ins.again(reply)
    contact = reply.contact
    if awaited is None or contact is None:
        return False
    try:
        with transaction.atomic():
            holds.end(reply, Hold.Decision.GO_ON, contacts)
            keys = identity.every_key_of(reply, contacts)
            stops.lift(business_id=reply.business_id, keys=keys, reference=reply.message_id)
            new = confirming.by_message(
                awaited=awaited, contact=contact, message_id=reply.message_id
            )
    except (consent.Refused, consent.Replaced):
        return False
    if new:
        said = _("Pronto. Você vai receber “%(topic)s” de %(business)s. Para parar, responda SAIR.")
        names = {"topic": awaited.text.topic.name, "business": reply.business.name}
        _confirm(reply, Notice.Kind.RETURN_CONFIRMATION, said % names)
    return True


def _confirm(reply: Reply, kind: Kind, text: str) -> None:
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
            "text": text,
        },
    )
