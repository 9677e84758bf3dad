"""The links to people's own pages: signed, and over after a month.

A link says whose page it opens and how it came to them. One that stood in a message shows that its holder reads what is
sent to the number; one that the team gave shows nothing, so that it takes back and never gives. It opens while the member
who was shown it may give it: nobody takes the people of a business along when they leave it.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from blu.accounts.models import WRITERS, Membership, Role
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


def in_message(contact_id: int, at: datetime) -> str:
    """The whole address of somebody's page as a message holds it that leaves at this moment."""
    return _address(f"{_LETTERS[LinkFrom.MESSAGE]}{contact_id}", at)


def given_by(member: Membership, contact_id: int) -> str:
    """The same as a member gives it now."""
    link_from = LinkFrom.OWNER if member.role == Role.OWNER else LinkFrom.TEAM
    return _address(f"{_LETTERS[link_from]}{contact_id}-{member.pk}", timezone.now())


def _address(said: str, at: datetime) -> str:
    token = _SignedAt(at).sign(said)
    return f"{settings.PUBLIC_URL}{reverse('preferences', args=[token])}"


def pretended() -> str:
    """What stands for a link where the team looks at a message."""
    return f"{settings.PUBLIC_URL}{reverse('preferences', args=['x']).removesuffix('x/')}…"


def opened(token: str) -> Link:
    """The link of a token. Raises Closed."""
    try:
        signed = signing.TimestampSigner(sep=".", salt=_SALT).unsign(token, max_age=OPEN)
        at = signing.b62_decode(token.split(".")[1])
        link_from, (contact_id, _dash, member_id) = _FROM[signed[:1]], signed[1:].partition("-")
    except (signing.BadSignature, KeyError, ValueError, IndexError):
        raise Closed from None
    rows = Contact.objects.select_related("business").filter(pk=int(contact_id), replaced_by=None)
    contact = rows.first()
    if contact is None or not _may_still_be_given(link_from, contact, member_id):
        raise Closed
    return Link(contact, link_from, datetime.fromtimestamp(at, UTC) + OPEN)


def _may_still_be_given(link_from: LinkFrom, contact: Contact, member_id: str) -> bool:
    if link_from == LinkFrom.MESSAGE:
        return True
    roles = [Role.OWNER] if link_from == LinkFrom.OWNER else WRITERS
    members = Membership.objects.filter(business=contact.business_id, user__is_active=True)
    return members.filter(pk=int(member_id or 0), role__in=roles).exists()
