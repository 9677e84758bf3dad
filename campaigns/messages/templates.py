"""Texts kept for another day: saving, reusing and duplicating templates."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.accounts.refused import Refused
from campaigns.models import Campaign, Template

_LONGEST = 60


class TemplateRefusal(TextChoices):
    """Why a text is not kept as a template."""

    FULL = "full", Template.FULL
    NAME_TAKEN = "taken", gettext_lazy("Já existe um modelo com este nome. Escolha outro.")


def refuse_taken_name(*, business: Business, name: str, but: int = 0) -> None:
    """Raises Refused where another template of the business than `but` (a key) has the name."""
    others = Template.objects.filter(business=business, name__iexact=name).exclude(pk=but)
    if others.exists():
        raise Refused(TemplateRefusal.NAME_TAKEN)


def save_as_template(*, campaign: Campaign, name: str) -> Template:
    """Keep a campaign's text under `name`, or a free name like it: "Lembrete (2)".

    No template's text is replaced; the same text under such a name is not kept twice. Raises
    Refused where the business has no room for one more.
    """
    wanted = kept_as = name.strip()[:_LONGEST]
    number = 1
    while True:
        with refusing_one_too_many():
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

    Raises Refused where the business has no room for one more.
    """
    with refusing_one_too_many():
        return Template.objects.create(
            business=template.business,
            name=_free_name(template.business, template.name),
            body=template.body,
        )


@contextmanager
def refusing_one_too_many() -> Iterator[None]:
    """Raises Refused where a template that is made inside is one more than a business may have."""
    try:
        yield
    except ValidationError as error:
        if error.code != "full":
            raise
        raise Refused(TemplateRefusal.FULL, most=Template.MOST) from None


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
