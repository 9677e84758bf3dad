"""Granting and revoking: the evidence is appended, the subscription follows in the same transaction.

A revocation by the person outranks whatever the business declares: only the person grants again. While a
stop stands for the number (contacts.stops) nothing is granted at all.
A contact whose number was corrected is granted nothing any more, by nobody.
"""

from django.db import transaction
from django.db.models.functions import Now

from blu.accounts.models import User
from contacts import stops
from contacts.evidence import NOTHING, Evidence, page
from contacts.models import (
    Consent,
    ConsentWording,
    Contact,
    PreferenceChange,
    State,
    Subscription,
    Topic,
)


class Refused(Exception):
    """The person asked to stop; only they may grant this again."""


class Replaced(Exception):
    """The contact's number was corrected; what its person agrees to is asked for under the new one."""


@transaction.atomic
def grant(
    *,
    contact: Contact,
    topic: Topic,
    source: str,
    actor: User | None = None,
    wording: ConsentWording | None = None,
    evidence: Evidence = NOTHING,
) -> bool:
    """Record that a contact agreed to a topic. Returns False where it was granted already.

    `actor` None means the person did it. Raises Refused under a stop, and when the person themselves
    revoked, be it another topic, and somebody else now grants; and Replaced where the number was corrected.
    """
    if not _stands(contact):
        raise Replaced
    subscription = _locked(contact, topic)
    if subscription and subscription.state == State.GRANTED:
        return False
    if stops.of_number(contact.business_id, contact.phone):
        raise Refused
    if actor is not None and _left(contact):
        raise Refused
    given = _record(
        contact, topic, State.GRANTED, source, actor, wording, evidence, by_contact=actor is None
    )
    if actor is None:
        stops.come_back(business_id=contact.business_id, person=contact.phone, consent_id=given.pk)
    return True


@transaction.atomic
def revoke(
    *,
    contact: Contact,
    topic: Topic,
    source: str,
    actor: User | None = None,
    evidence: Evidence = NOTHING,
) -> bool:
    """Record that a contact no longer agrees to a topic. Returns False where it was revoked already."""
    subscription = _locked(contact, topic)
    by_contact = actor is None
    if (
        subscription
        and subscription.state == State.REVOKED
        and subscription.by_contact >= by_contact
    ):
        return False
    _record(contact, topic, State.REVOKED, source, actor, None, evidence, by_contact=by_contact)
    return True


@transaction.atomic
def revoke_all(
    *, contact: Contact, source: str, actor: User | None = None, evidence: Evidence = NOTHING
) -> int:
    """Revoke every topic the contact is in. Returns the number changed."""
    topics = Topic.objects.filter(
        subscriptions__contact=contact, subscriptions__state=State.GRANTED
    ).order_by("id")
    return sum(
        revoke(contact=contact, topic=topic, source=source, actor=actor, evidence=evidence)
        for topic in topics
    )


@transaction.atomic
def grant_back(*, contact: Contact, source: str, evidence: Evidence) -> int:
    """The person takes their own stop back. Returns the number of topics they are in again.

    Only those that their own stop took them out of: a word can't stand for a consent that never was, nor
    for what the business took back, nor for a topic that they turned off by itself. None under a number that was corrected. The stop is lifted before.
    """
    if not _stands(contact):
        return 0
    agreed = Consent.objects.filter(contact=contact, state=State.GRANTED).values("topic")
    topics = Topic.objects.filter(
        subscriptions__contact=contact,
        subscriptions__state=State.REVOKED,
        subscriptions__by_contact=True,
        pk__in=agreed,
    ).exclude(pk__in=_turned_off_alone(contact))
    return sum(
        grant(contact=contact, topic=topic, source=source, evidence=evidence)
        for topic in topics.order_by("id")
    )


def _turned_off_alone(contact: Contact) -> list[int]:
    """The topics that the person turned off on their page, one by one: no stop took them out of these."""
    last = Consent.objects.filter(contact=contact).order_by("topic", "-id").distinct("topic")
    by_page = {one.evidence_ref: one.topic_id for one in last if one.is_by_page}
    changes = PreferenceChange.objects.filter(contact=contact, what=PreferenceChange.What.TOPIC_OFF)
    return [
        by_page[ref]
        for pk in changes.values_list("pk", flat=True)
        if (ref := page(pk).reference) in by_page
    ]


def _left(contact: Contact) -> bool:
    """Whether the person asked to stop, which holds for all topics of the business."""
    return Subscription.objects.filter(contact=contact, by_contact=True).exists()


def _stands(contact: Contact) -> bool:
    """Lock the contact, so that a correction waits. Returns False where its number was corrected.

    The contact before its subscriptions, as imports and corrections lock them.
    """
    rows = Contact.objects.select_for_update(no_key=True).filter(pk=contact.pk, replaced_by=None)
    return rows.values_list("pk").first() is not None


def _locked(contact: Contact, topic: Topic) -> Subscription | None:
    """The subscription, locked: a claim in flight for it finishes first (campaigns.models.triggers)."""
    return Subscription.objects.select_for_update().filter(contact=contact, topic=topic).first()


def _record(
    contact: Contact,
    topic: Topic,
    state: State,
    source: str,
    actor: User | None,
    wording: ConsentWording | None,
    evidence: Evidence,
    *,
    by_contact: bool,
) -> Consent:
    recorded = Consent.objects.create(
        business_id=contact.business_id,
        contact=contact,
        topic=topic,
        state=state,
        source=source,
        actor=actor,
        wording=wording,
        evidence_kind=evidence.kind,
        evidence_ref=evidence.reference,
    )
    Subscription.objects.update_or_create(
        contact=contact,
        topic=topic,
        defaults={
            "business_id": contact.business_id,
            "state": state,
            "by_contact": by_contact and state == State.REVOKED,
            "since": Now(),
        },
    )
    return recorded
