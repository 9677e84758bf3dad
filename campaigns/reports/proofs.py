"""The proof of a consent, whole: which words, by which channel, with which evidence, by whom, when.

For one message, and for one contact with all that they agreed to and took back. The page and the PDF say the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from blu.accounts.models import Business
from blu.web.phone_display import readable
from campaigns.models import Delivery, Reply
from campaigns.reports import consent_evidence
from contacts.models import Consent, ConsentWording, Contact, Source, State, Subscription

MOST = 200  # of one person's consents; the newest
_RELATED = ("topic", "wording", "actor", "source_import")


class Entry(NamedTuple):
    """One consent, or its withdrawal."""

    at: str
    granted: bool
    what: str
    channel: str
    who: str
    evidence: str
    wording: ConsentWording | None


class Document(NamedTuple):
    """A proof: of what, in one sentence, and all that stands behind it, the newest first."""

    about: str
    sentence: str
    holds: bool
    grant: Entry | None
    entries: list[Entry]
    wordings: list[ConsentWording]
    more: bool
    message: str = ""
    steps: Sequence[tuple[str, str]] = ()


def of_delivery(delivery: Delivery, business: Business, message: str) -> Document:
    """The proof of one message: under which consent it went, checked when. `message`: its exact text, "" where it is gone."""
    contact, topic = delivery.person, delivery.campaign.topic
    mine = Consent.objects.filter(contact=contact, topic=topic).select_related(*_RELATED)
    consents = list(mine.order_by("-at", "-pk")[: MOST + 1])
    standing = Subscription.objects.filter(contact=contact, topic=topic).first()
    proof = consent_evidence.proof_of(delivery, consents, standing)
    entries = _entries(consents[:MOST])
    grant = None
    if proof:
        place = next(at for at, one in enumerate(consents) if one.pk == proof.consent.pk)
        grant = entries[place] if place < MOST else None
    names = {"campaign": delivery.campaign.name, "business": business.name}
    about = _("Mensagem “%(campaign)s” para %(person)s, de %(business)s")
    return Document(
        about=about % (names | {"person": _called(contact, delivery.phone)}),
        sentence=_sentence(delivery, proof, contact, business),
        holds=bool(proof and delivery.sending_at),
        grant=grant,
        entries=entries,
        wordings=_wordings(entries),
        more=len(consents) > MOST,
        message=message,
        steps=_steps(delivery),
    )


def of_contact(contact: Contact, business: Business) -> Document:
    """All that a contact agreed to and took back."""
    mine = contact.consents.select_related(*_RELATED).order_by("-at", "-pk")
    consents = list(mine[: MOST + 1])
    entries = _entries(consents[:MOST])
    standing = contact.subscriptions.filter(state=State.GRANTED).select_related("topic")
    topics = sorted(one.topic.name for one in standing)
    names = {"person": _called(contact, contact.phone), "business": business.name}
    if topics:
        said = _("Hoje aceita receber: %(topics)s.") % {"topics": ", ".join(topics)}
    else:
        said = _("Hoje não aceita receber nada.")
    return Document(
        about=_("%(person)s, contato de %(business)s") % names,
        sentence=said,
        holds=bool(topics),
        grant=None,
        entries=entries,
        wordings=_wordings(entries),
        more=len(consents) > MOST,
    )


def full(moment: datetime) -> str:
    """A moment as a proof says it, with year and second."""
    return date_format(timezone.localtime(moment), "d/m/Y, H:i:s")


def _called(contact: Contact, phone: str) -> str:
    return f"{contact.name or _('Sem nome')}, {readable(phone)}"


def _sentence(
    delivery: Delivery, proof: consent_evidence.Proof | None, contact: Contact, business: Business
) -> str:
    if proof is None:
        return _("Na vez desta mensagem não havia consentimento registrado para este assunto.")
    names = {
        "at": full(proof.consent.at),
        "person": contact.name or readable(delivery.phone),
        "topic": proof.consent.topic.name,
        "business": business.name,
    }
    agreed = _("Em %(at)s, %(person)s concordou em receber “%(topic)s” de %(business)s.") % names
    if delivery.sending_at is None:
        later = _("A mensagem não saiu; o consentimento é conferido na hora em que ela sai.")
    else:
        later = _("Em %(at)s o blü conferiu que isso valia, e só então a mensagem saiu.") % {
            "at": full(delivery.sending_at)
        }
    return f"{agreed} {later}"


def _steps(delivery: Delivery) -> list[tuple[str, str]]:
    told = (
        (_("Consentimento conferido"), delivery.sending_at),
        (_("Enviada"), delivery.sent_at),
        (_("Entregue"), delivery.delivered_at),
        (_("Lida"), delivery.read_at),
    )
    return [(word, full(at)) for word, at in told if at]


def _entries(consents: Sequence[Consent]) -> list[Entry]:
    words = _messages(consents)
    return [_entry(one, words.get((one.contact_id, one.evidence_ref))) for one in consents]


def _entry(consent: Consent, reply: Reply | None) -> Entry:
    granted = consent.state == State.GRANTED
    said = _("Aceitou “%(topic)s”") if granted else _("Deixou de aceitar “%(topic)s”")
    evidence = consent.evidence_words
    if consent.is_by_message and reply and reply.text:
        kind = Reply.Kind.RETURN if granted else Reply.Kind.STOP
        evidence = _("A mensagem “%(words)s”") % {"words": reply.words_that(kind)}
    if consent.is_by_message:
        evidence = f"{evidence} ({consent.evidence_ref})"
    return Entry(
        at=full(consent.at),
        granted=granted,
        what=said % {"topic": consent.topic.name},
        channel=str(capfirst(consent.get_source_display())),
        who=_who(consent),
        evidence=evidence,
        wording=consent.wording,
    )


def _who(consent: Consent) -> str:
    if consent.actor:
        return _("por %(person)s") % {"person": consent.actor}
    if consent.source_import:
        return _("por importação")
    # Only the person's own word stops all; where the team wrote it down, the stop knows who did.
    if consent.source == Source.MEMBER:
        return _("pela equipe, a pedido da própria pessoa")
    return _("pela própria pessoa")


def _messages(consents: Sequence[Consent]) -> dict[tuple[int, str], Reply]:
    """The replies that are the evidence of some of them, in one query."""
    asked = [one for one in consents if one.is_by_message]
    if not asked:
        return {}
    found = Reply.objects.filter(
        contact__in={one.contact_id for one in asked},
        message_id__in={one.evidence_ref for one in asked},
    )
    return {(reply.contact_id, reply.message_id): reply for reply in found if reply.contact_id}


def _wordings(entries: Iterable[Entry]) -> list[ConsentWording]:
    """Each wording once, the newest first."""
    found = {entry.wording.pk: entry.wording for entry in entries if entry.wording}
    return sorted(found.values(), key=lambda wording: -wording.pk)
