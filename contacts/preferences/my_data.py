"""Everything that a business keeps of one person, for that person: to read, and to take along as JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from contacts import stops
from contacts.models import Consent, Contact, PreferenceChange, Stop

# Rows of each kind, the newest: nobody has as many, and no page may grow without an end.
MOST = 2_000
# And letters of each kind of message, for what somebody writes is theirs to make long.
LETTERS = 1_000_000
# The messages to somebody and their replies, by the campaigns' own words: {"messages": […], "replies": […]}.
Correspondence = Callable[[Contact, int], Mapping[str, Iterable[Mapping[str, Any]]]]


def of_contact(contact: Contact) -> dict[str, Any]:
    """All of it, with codes as they are stored and moments in ISO 8601; lists begin with the newest."""
    return {
        "business": contact.business.name,
        "made_at": timezone.now(),
        "name": contact.name,
        "phone": contact.phone,
        "birth_date": contact.birth_date,
        "attributes": contact.attributes,
        "tags": contact.tags,
        "known_since": contact.created_at,
        "topics": [
            {"topic": one.topic.name, "state": one.state, "since": one.since}
            for one in contact.subscriptions.select_related("topic").order_by("topic__name")
        ],
        "consents": [_consent(one) for one in consents_of(contact)],
        "stops": [
            {"since": one.at, "until": one.until, "lifted_at": one.lifted_at, "source": one.source}
            for one in stops_of(contact)
        ],
        "changes": [
            {"at": one.at, "what": one.what, "topic": one.topic.name if one.topic else ""}
            for one in changes_of(contact)
        ],
        **correspondence(contact),
    }


def consents_of(contact: Contact) -> QuerySet[Consent]:
    """The evidence of all that they said, the newest first."""
    rows = contact.consents.select_related("topic", "wording", "source_import", "actor")
    return rows.order_by("-id")[:MOST]


def stops_of(contact: Contact) -> QuerySet[Stop]:
    """When they asked to receive nothing, lifted or not."""
    key = stops.key_of(contact.phone)
    return Stop.objects.filter(business=contact.business_id, key=key).order_by("-id")[:MOST]


def changes_of(contact: Contact) -> QuerySet[PreferenceChange]:
    """What they changed on their page."""
    rows = PreferenceChange.objects.filter(contact=contact).select_related("topic")
    return rows.order_by("-id")[:MOST]


def correspondence(
    contact: Contact, most: int = MOST, letters: int = LETTERS
) -> dict[str, list[Mapping[str, Any]]]:
    """What was sent to them and what they answered, as settings.CORRESPONDENCE tells it."""
    told = cast(Correspondence, import_string(settings.CORRESPONDENCE))(contact, most)
    return {name: list(_within(rows, letters)) for name, rows in told.items()}


def _within(rows: Iterable[Mapping[str, Any]], letters: int) -> Iterator[Mapping[str, Any]]:
    """The newest, at least one: who wrote a book is not told that there is nothing."""
    for number, row in enumerate(rows):
        letters -= len(row["text"]) + sum(len(one["text"]) for one in row.get("earlier", ()))
        if number and letters < 0:
            return
        yield row


def _consent(one: Consent) -> dict[str, Any]:
    """Who wrote it down is a person too: it is said whether it was the team, not who of it."""
    return {
        "at": one.at,
        "topic": one.topic.name,
        "state": one.state,
        "source": one.source,
        "wording": one.wording.text if one.wording else "",
        "wording_version": one.wording.version if one.wording else None,
        "evidence": one.evidence_words,
        "by": "person" if one.is_by_contact else "team",
    }
