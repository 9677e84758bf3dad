"""The text that a contact sees: the campaign's body with that person's data, then the footer.

Composer, preview, outbox and the recipient's page all call this, so that what was shown is what
was sent.
"""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from blu.accounts.models import Business
from blu.lib import variables
from campaigns.models import Campaign, Delivery


def footer(business: Business) -> str:
    """Who writes and how to stop, below every campaign message (brazil.md); frozen at launch.

    Contacts read it in Portuguese, in whatever language the launching person reads the pages.
    """
    with override(settings.LANGUAGE_CODE):
        return _("%(business)s · Responda SAIR para não receber mais") % {"business": business.name}


def render(body: str, footer: str, data: Mapping[str, str]) -> str:
    """The exact text: `body` with `data` (by variable key) filled in, a blank line, `footer`."""
    text = variables.render(body, data).strip()
    return f"{text}\n\n{footer}" if footer else text


def text_of(campaign: Campaign, data: Mapping[str, str]) -> str:
    """What a person with this data gets; a draft shows the footer that a launch would freeze."""
    return render(campaign.body, campaign.footer or footer(campaign.business), data)


def text_for(delivery: Delivery) -> str:
    """The exact text of a delivery, from what was frozen at launch."""
    return text_of(delivery.campaign, delivery.variables)
