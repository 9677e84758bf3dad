"""Which consent stood behind a delivery when it was claimed, in words.

What people agreed to later, or took back later, is told beside it and never in its place.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Delivery, Reply
from campaigns.models.ledger_states import Status
from contacts.models import Consent, Source, State, Subscription


class Proof(NamedTuple):
    """The grant under which a message goes, what became of it since, and where the evidence is."""

    consent: Consent
    words: str
    evidence: str


def proof_of(
    delivery: Delivery, consents: Sequence[Consent], subscription: Subscription | None
) -> Proof | None:
    """The last grant before the claim; None where there was none. `consents`: of its topic, newest first."""
    moment = claimed_at(delivery) or timezone.now()
    for at, consent in enumerate(consents):
        if consent.state == State.GRANTED and consent.at <= moment:
            return Proof(consent, _words(consent, consents[:at], subscription), _evidence(consent))
    return None


def claimed_at(delivery: Delivery) -> datetime | None:
    """When the consent was last checked, at the claim; None while the row is not claimed."""
    if delivery.sending_at is None and delivery.status == Status.SKIPPED:
        return delivery.ended_at
    return delivery.sending_at


def _words(consent: Consent, later: Sequence[Consent], subscription: Subscription | None) -> str:
    """What the person agreed to, and whether they left since; `later`: what happened after it."""
    topic = {"topic": consent.topic}
    if later and later[0].source == Source.NUMBER:
        return _("Tinha concordado em receber “%(topic)s”. Depois o número foi corrigido.") % topic
    if subscription and subscription.state == State.REVOKED and not subscription.by_contact:
        return (
            _("Tinha concordado em receber “%(topic)s”. Depois a equipe anotou que não vale mais.")
            % topic
        )
    if subscription is None or subscription.state == State.REVOKED:
        return _("Tinha concordado em receber “%(topic)s” e depois pediu para sair.") % topic
    if any(one.state == State.REVOKED and one.is_by_contact for one in later):
        return (
            _("Tinha concordado em receber “%(topic)s”. Depois pediu para sair e voltou.") % topic
        )
    return _("Concordou em receber “%(topic)s” e não pediu para sair.") % topic


def _evidence(consent: Consent) -> str:
    """Where the evidence is, as a person would look for it: their own words instead of a message's id."""
    if not consent.is_by_message:
        return consent.evidence_words
    reply = Reply.objects.filter(
        contact_id=consent.contact_id, message_id=consent.evidence_ref
    ).first()
    if reply is None or not reply.text:
        return consent.evidence_words
    return _("A mensagem “%(words)s”") % {"words": reply.words_that(Reply.Kind.RETURN)}
