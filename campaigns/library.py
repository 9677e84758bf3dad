"""Texts kept for another day: saving, reusing and duplicating templates."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts.models import Business
from campaigns.models import Campaign, Template

_LONGEST = 60


@transaction.atomic
def save_as_template(*, campaign: Campaign, name: str) -> Template:
    """Keep a campaign's text under `name`; a template of that name gets the new text."""
    name = name.strip()[:_LONGEST]
    templates = Template.objects.filter(business=campaign.business, name__iexact=name)
    if templates.update(body=campaign.body, updated_at=timezone.now()):
        return templates.get()
    return Template.objects.create(business=campaign.business, name=name, body=campaign.body)


def duplicate_template(*, template: Template) -> Template:
    """A copy under a free name: "Lembrete (cópia)", "Lembrete (cópia 2)"."""
    return Template.objects.create(
        business=template.business,
        name=_free_name(template.business, template.name),
        body=template.body,
    )


def _free_name(business: Business, name: str) -> str:
    taken = {
        known.upper()
        for known in Template.objects.filter(business=business).values_list("name", flat=True)
    }
    number = 1
    while True:
        mark = _("(cópia)") if number == 1 else _("(cópia %(number)s)") % {"number": number}
        copy = f"{name[: _LONGEST - len(mark) - 1]} {mark}"
        if copy.upper() not in taken:
            return copy
        number += 1
