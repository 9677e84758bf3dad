"""Texts kept for another day: saving, reusing and duplicating templates."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blu.accounts.models import Business
from campaigns.models import Campaign, Template

_LONGEST = 60


def refuse_taken_name(*, business: Business, name: str, but: int = 0) -> None:
    """Raises ValidationError where another template of the business than `but` (a key) has the name."""
    others = Template.objects.filter(business=business, name__iexact=name).exclude(pk=but)
    if others.exists():
        raise ValidationError(_("Já existe um modelo com este nome. Escolha outro."), code="taken")


def save_as_template(*, campaign: Campaign, name: str) -> Template:
    """Keep a campaign's text under `name`, or a free name like it: "Lembrete (2)".

    No template's text is replaced; the same text under such a name is not kept twice. Raises
    ValidationError where the business has no room for one more.
    """
    wanted = kept_as = name.strip()[:_LONGEST]
    number = 1
    while True:
        template, created = Template.objects.get_or_create(
            business=campaign.business,
            name__iexact=kept_as,
            defaults={"name": kept_as, "body": campaign.body},
        )
        if created or template.body == campaign.body:
            return template
        number += 1
        mark = f"({number})"
        kept_as = f"{wanted[: _LONGEST - len(mark) - 1].rstrip()} {mark}"


def duplicate_template(*, template: Template) -> Template:
    """A copy under a free name: "Lembrete (cópia)", "Lembrete (cópia 2)".

    Raises ValidationError where the business has no room for one more.
    """
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
