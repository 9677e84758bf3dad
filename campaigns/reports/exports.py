"""The spreadsheet of a campaign's recipients: asked for, prepared by the jobs cluster, downloaded."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language

from blu.jobs.prepared_files import Prepared
from campaigns.models import Campaign
from contacts.models.erasures import people_erased

FOLDER = "exports"
# How long a written spreadsheet is offered: a campaign moves on.
FRESH = timedelta(minutes=10)


def prepared_for(campaign: Campaign) -> Prepared:
    """What can be asked for, in the language of who asks."""
    language = get_language() or ""
    erased = people_erased(campaign.business_id)
    name = f"{FOLDER}/campaign-{campaign.pk}-{language}-{erased}.xlsx"
    return Prepared(name, "blu.tasks.export_campaign", (campaign.pk, language), FRESH)


def file_name(campaign: Campaign) -> str:
    """What the file is called on the person's computer."""
    return f"{slugify(campaign.name) or campaign.pk}.xlsx"


def sweep() -> int:
    """Delete every file of the folder that isn't offered any more, also half of one. Returns their number."""
    if not default_storage.exists(FOLDER):
        return 0
    paths = [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    old = [path for path in paths if _age(path) > FRESH]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _age(path: str) -> timedelta:
    return timezone.now() - default_storage.get_modified_time(path)
