"""What people change on their own page. Each change is a row, to which consents and stops point as evidence."""

from django.conf import settings
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import override as in_language

from blu.accounts.refused import Refused
from contacts import consent, evidence, stops
from contacts.models import ConsentWording, Contact, PersonRequest, Source, Stop, Topic
from contacts.models.preferences import PreferenceChange
from contacts.person_requests import services as person_requests
from contacts.preferences.links import Link

What = PreferenceChange.What


class PreferenceRefusal(TextChoices):
    """Why a change wasn't made."""

    NO_TOPIC = "no_topic", gettext_lazy("Este assunto não existe mais. Nada mudou.")
    ONLY_BY_MESSAGE = (
        "only_by_message",
        gettext_lazy(
            "Para voltar a receber, responda VOLTAR no WhatsApp deste número, ou abra o link que veio"
            " numa mensagem. Nada mudou."
        ),
    )
    OTHER_PERSON = (
        "other_person",
        gettext_lazy("Quem usa este número disse que ele é de outra pessoa. Nada mudou."),
    )
    GONE = "gone", gettext_lazy("Este número não é mais usado aqui. Nada mudou.")


@transaction.atomic
def turn_on(link: Link, topic_id: int) -> None:
    """The person wants a topic; a stop of theirs is lifted by it. Raises Refused."""
    _refuse_who_may_not_agree(link)
    topic = _topic(link, topic_id)
    change = _record(link, What.TOPIC_ON, topic)
    stops.lift_by_page(change.pk)
    wording, _created = ConsentWording.objects.get_or_create(
        business=link.contact.business, text=wording_of(topic)
    )
    try:
        consent.grant(
            contact=link.contact,
            topic=topic,
            source=Source.PAGE,
            wording=wording,
            evidence=evidence.page(change.pk),
        )
    except consent.Replaced:
        raise Refused(PreferenceRefusal.GONE) from None


@transaction.atomic
def turn_off(link: Link, topic_id: int) -> None:
    """The person wants this topic no more. Raises Refused."""
    topic = _topic(link, topic_id)
    change = _record(link, What.TOPIC_OFF, topic)
    consent.revoke(
        contact=link.contact,
        topic=topic,
        source=Source.PAGE,
        evidence=evidence.page(change.pk),
    )


@transaction.atomic
def stop(link: Link) -> None:
    """The person wants nothing any more: as if they had written SAIR."""
    proof = evidence.page(_record(link, What.STOPPED).pk)
    consent.revoke_all(contact=link.contact, source=Source.PAGE, evidence=proof)
    stops.keep(
        business_id=link.contact.business_id,
        keys=[stops.key_of(link.contact.phone)],
        source=Source.PAGE,
        evidence=proof,
    )


@transaction.atomic
def come_back(link: Link) -> None:
    """The person takes their stop back: what it took them out of is granted again. Raises Refused."""
    _refuse_who_may_not_agree(link)
    change = _record(link, What.RETURNED)
    stops.lift_by_page(change.pk)
    consent.grant_back(contact=link.contact, source=Source.PAGE, evidence=evidence.page(change.pk))


def ask_to_be_erased(link: Link) -> None:
    """Whoever got the link from the team asks: a person of the business answers within the law's days."""
    person_requests.ask(
        business=link.contact.business, contact=link.contact, kind=PersonRequest.Kind.ERASURE
    )


def asked_to_be_erased(contact: Contact) -> PersonRequest | None:
    """The request that nobody has answered yet."""
    return contact.requests.filter(
        kind=PersonRequest.Kind.ERASURE, state=PersonRequest.State.OPEN
    ).first()


def wording_of(topic: Topic) -> str:
    """What the person reads beside the switch of a topic, in the language of those who are written to."""
    with in_language(settings.LANGUAGE_CODE):
        asked = _("Quero receber de %(business)s no WhatsApp: %(topic)s.")
        said = asked % {"business": topic.business.name, "topic": topic.name}
    return f"{said} {topic.description}".strip()


def stop_of(contact: Contact) -> Stop | None:
    """The stop that stands for somebody's number."""
    return stops.of_number(contact.business_id, contact.phone)


def _refuse_who_may_not_agree(link: Link) -> None:
    if not link.holds_the_number:
        raise Refused(PreferenceRefusal.ONLY_BY_MESSAGE)
    standing = stop_of(link.contact)
    if standing and standing.why == Stop.Why.OTHER_PERSON:
        raise Refused(PreferenceRefusal.OTHER_PERSON)


def _topic(link: Link, topic_id: int) -> Topic:
    topic = Topic.objects.filter(business=link.contact.business, pk=topic_id).first()
    if topic is None:
        raise Refused(PreferenceRefusal.NO_TOPIC)
    return topic


def _record(link: Link, what: What, topic: Topic | None = None) -> PreferenceChange:
    return PreferenceChange.objects.create(
        business=link.contact.business,
        contact=link.contact,
        what=what,
        topic=topic,
        link_from=link.link_from,
    )
