"""The text that a contact sees: the campaign's body with that person's data, then the footer.

Composer, preview, outbox and the recipient's page all call this, so that what was shown is what
was sent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from blu.accounts.models import Business
from blu.accounts.refused import Refused
from blu.web.numbers import grouped
from campaigns.messages import merge_fields, variables
from campaigns.messages.variables import Fault, Problem
from campaigns.models import Campaign, Delivery
from campaigns.models.campaign import BODY_MOST
from contacts.preferences import links


def footer(business: Business) -> str:
    """Who writes and how to stop, below every campaign message; frozen at launch.

    Contacts read it in Portuguese, in whatever language the launching person reads the pages.
    """
    with override(settings.LANGUAGE_CODE):
        return _("%(business)s · Responda SAIR para não receber mais") % {"business": business.name}


def render(
    body: str, footer: str, data: Mapping[str, str], *, leaves_at: datetime | None = None
) -> str:
    """The exact text: `body` with `data` (by variable key) filled in, a blank line, `footer`.

    `leaves_at`: when the row was claimed, of which a link to the person's own page is signed. Without it the text is one
    that the team looks at, and holds no link that works: only who reads what is sent to the number has one.
    """
    text = variables.render(body, with_link(data, leaves_at)).strip()
    return f"{text}\n\n{footer}" if footer else text


def with_link(data: Mapping[str, str], leaves_at: datetime | None = None) -> Mapping[str, str]:
    """The data with the link to the person's own page in the place of their key."""
    contact = data.get(merge_fields.PREFERENCES, "")
    if not contact.isdecimal():
        return data
    link = links.in_message(int(contact), leaves_at) if leaves_at else links.pretended()
    return {**data, merge_fields.PREFERENCES: link}


def text_of(campaign: Campaign, data: Mapping[str, str]) -> str:
    """What a person with this data gets; a draft shows the footer that a launch would freeze."""
    return render(campaign.body, campaign.footer or footer(campaign.business), data)


def text_for(delivery: Delivery) -> str:
    """The exact text of a delivery, from what was frozen at launch."""
    return text_of(delivery.campaign, delivery.variables)


class FaultyText(Refused):
    """A text can't be sent as it is; `problems` are all that is wrong with it, str() is the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].fault, **problems[0].params)
        self.problems = problems

    def __str__(self) -> str:
        return str(self.problems[0])


def faults(business: Business, body: str) -> list[Problem]:
    """Returns the errors of a text that keep this business from sending it.

    The length comes first: a text that is too long is not looked into.
    """
    over = len(body.strip()) - BODY_MOST
    if over > 0:
        return [Problem(Fault.TOO_LONG, {"most": grouped(BODY_MOST), "over": grouped(over)})]
    if len(variables.names(body)) > merge_fields.USED_MOST:
        return [Problem(Fault.MANY_DATA, {"most": merge_fields.USED_MOST})]
    return merge_fields.check(business, body)


def sendable(business: Business, written: str) -> str:
    """Returns a text as it is kept once nothing is wrong with it. Raises FaultyText.

    Places are told in what was written: people count the blank lines before it.
    """
    body = plain_lines(written)
    if found := faults(business, body):
        raise FaultyText(found)
    return body.strip()


def plain_lines(text: str) -> str:
    """Returns the text with \\n alone, which positions and WhatsApp count; browsers send \\r\\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
