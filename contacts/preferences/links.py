"""The links to people's own pages: signed, and over after a month.

A link says whose page it opens and how it came to them. One that stood in a message shows that its holder reads what is
sent to the number; one that the team gave shows nothing, so that it takes back and never gives.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from contacts.models.preferences import LinkFrom

OPEN = timedelta(days=30)
_SALT = "contacts.preferences"
_LETTERS = {LinkFrom.MESSAGE: "m", LinkFrom.OWNER: "o", LinkFrom.TEAM: "t"}
_FROM = {letter: link_from for link_from, letter in _LETTERS.items()}


class Closed(Exception):
    """A link that opens nothing: not ours, over, or of somebody who is no contact any more."""


class Link(NamedTuple):
    """A link that is open: whose page, how it came to them, until when."""

    contact: Contact
    link_from: LinkFrom
    until: datetime

    @property
    def holds_the_number(self) -> bool:
        """Whether whoever has it reads the messages of the number."""
        return self.link_from == LinkFrom.MESSAGE


class _SignedAt(signing.TimestampSigner):
    """Signs as of a given moment, so that one message always holds the same link."""

    def __init__(self, at: datetime) -> None:
        super().__init__(sep=".", salt=_SALT)
        self._at = int(at.timestamp())

    def timestamp(self) -> str:
        return signing.b62_encode(self._at)


def address(contact_id: int, link_from: LinkFrom, at: datetime | None = None) -> str:
    """The whole address of somebody's page, as of the moment at which it is given."""
    token = _SignedAt(at or timezone.now()).sign(f"{_LETTERS[link_from]}{contact_id}")
    return f"{settings.PUBLIC_URL}{reverse('preferences', args=[token])}"


def pretended() -> str:
    """What stands for a link where the team looks at a message."""
    return f"{settings.PUBLIC_URL}{reverse('preferences', args=['x']).removesuffix('x/')}…"


def opened(token: str) -> Link:
    """The link of a token. Raises Closed."""
    try:
        signed = signing.TimestampSigner(sep=".", salt=_SALT).unsign(token, max_age=OPEN)
        at = signing.b62_decode(token.split(".")[1])
        link_from, contact_id = _FROM[signed[:1]], int(signed[1:])
    except (signing.BadSignature, KeyError, ValueError, IndexError):
        raise Closed from None
    rows = Contact.objects.select_related("business").filter(pk=contact_id, replaced_by=None)
    contact = rows.first()
    if contact is None:
        raise Closed
    return Link(contact, link_from, datetime.fromtimestamp(at, UTC) + OPEN)
