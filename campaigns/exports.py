"""The spreadsheet of a campaign's recipients: asked for, prepared by the jobs cluster, downloaded."""

from datetime import timedelta

from django.utils.text import slugify
from django.utils.translation import get_language

from blu.lib.prepared import Prepared
from campaigns.models import Campaign

# How long a written spreadsheet is offered: a campaign moves on.
FRESH = timedelta(minutes=10)


def of(campaign: Campaign) -> Prepared:
    """What can be asked for, in the language of who asks."""
    language = get_language() or ""
    name = f"exports/campaign-{campaign.pk}-{language}.xlsx"
    return Prepared(name, "blu.tasks.export_campaign", (campaign.pk, language), FRESH)


def file_name(campaign: Campaign) -> str:
    """What the file is called on the person's computer."""
    return f"{slugify(campaign.name) or campaign.pk}.xlsx"
