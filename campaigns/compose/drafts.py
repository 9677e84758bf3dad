"""Campaigns before their launch: begun with what there is no choice about, saved while they are drafts."""

from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts.models import Business, User
from blu.web.keys import as_number
from campaigns.models import Campaign, Template
from campaigns.models.campaign import BODY_MOST, SAVING_MOST
from contacts.models import Topic
from sessions.models import WhatsAppSession

# A draft may be longer than what can be sent: the person has yet to shorten it.
TEXT_MOST = 4 * BODY_MOST
_CLICKS_WITHIN = timedelta(minutes=1)

Row = TypeVar("Row", bound=Model)


class Changed(Exception):
    """The draft was changed since the page was drawn; nothing was saved over it."""


@transaction.atomic
def begin(*, business: Business, actor: User, name: str, body: str = "") -> Campaign:
    """A new draft; topic and WhatsApp are already chosen where the business has only one.

    A click more on the same button finds the draft that the first one began.
    """
    _one_at_a_time(actor)
    just_begun = _just_begun(business, actor).filter(name=name, body=body).first()
    if just_begun:
        return just_begun
    return Campaign.objects.create(
        business=business,
        created_by=actor,
        name=name,
        body=body,
        topic=_only(Topic.objects.filter(business=business)),
        session=_only(sessions_of(business)),
    )


@transaction.atomic
def duplicate(*, campaign: Campaign, actor: User) -> Campaign:
    """A new draft with the same words, topic, segment and session; a click more finds it too."""
    _one_at_a_time(actor)
    same = {
        "name": _("%(name)s (cópia)") % {"name": campaign.name[:70]},
        "topic": campaign.topic,
        "segment": campaign.segment,
        "session": campaign.session,
        "body": campaign.body,
    }
    just_begun = _just_begun(campaign.business, actor).filter(**same).first()
    return just_begun or Campaign.objects.create(
        business=campaign.business, created_by=actor, **same
    )


def _one_at_a_time(actor: User) -> None:
    """Or two clicks at once would not see each other's draft."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)


def sessions_of(business: Business) -> QuerySet[WhatsAppSession]:
    """Returns the sessions that a draft of the business may be sent through: those that were linked."""
    return WhatsAppSession.objects.filter(business=business, active_link__linked_at__isnull=False)


def savable(text: str) -> bool:
    """Returns whether a draft keeps this text: with its faults, but not at any length, and no NUL, as PostgreSQL."""
    return len(text) <= TEXT_MOST and "\0" not in text


class Seen(NamedTuple):
    """The draft's version as the page that posted a form had it."""

    version: int
    after: str = ""  # the page's own saving that was still under way
    saving: str = ""  # this one's name, in case the page is left before it is answered


def version_in(data: QueryDict) -> int | None:
    """The version that a page was drawn from, as its form sent it; None from a form without one.

    What is no version is -1, which no draft ever has.
    """
    if "versao" not in data:
        return None
    return as_number(data.get("versao", ""), otherwise=-1)


def seen_in(data: QueryDict) -> Seen | None:
    """What the page that sent this form knew of the draft; None from a form without a version."""
    version = version_in(data)
    if version is None:
        return None
    return Seen(version, _saving_in(data, "depois_de"), _saving_in(data, "salva"))


def _saving_in(data: QueryDict, name: str) -> str:
    written = data.get(name, "")
    return (
        written if written.isascii() and written.isalnum() and len(written) <= SAVING_MOST else ""
    )


def save(*, campaign: Campaign, values: dict[str, Any], seen: Seen | None = None) -> bool:
    """Write `values` into a draft as its next version; False when it was launched or cancelled meanwhile.

    Raises Changed where other words stand in the draft than those that the page has seen, or is saving itself.
    """
    drafts = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DRAFT)
    if seen is not None:
        drafts = drafts.filter(_is_as_seen(seen))
    new = ~Q(**values)  # the same words once more are no change
    saved = drafts.filter(new).update(
        **values,
        version=F("version") + 1,
        saved_as=seen.saving if seen else "",
        updated_at=Now(),
    )
    campaign.refresh_from_db()
    if saved or campaign.status != Campaign.Status.DRAFT:
        return bool(saved)
    if any(getattr(campaign, name) != value for name, value in values.items()):
        raise Changed
    return True


def _is_as_seen(seen: Seen) -> Q:
    as_seen = Q(version=seen.version)
    if seen.after:
        # Who leaves while a saving is under way knows its words, and not yet its version.
        as_seen |= Q(version=seen.version + 1, saved_as=seen.after)
    return as_seen


def use_template(campaign: Campaign, typed: str, template: Template) -> tuple[str, str]:
    """Returns the template's text, and the text to keep for `restore_previous`.

    `typed` stands in the composer now. A text that is some template's is in no danger: what was kept
    before it stays.
    """
    return template.body, campaign.previous_body if _is_safe(campaign, typed) else typed


def restore_previous(campaign: Campaign, typed: str) -> tuple[str, str] | None:
    """Returns the kept text, and `typed` to keep in its turn; None where no text is kept."""
    if not campaign.previous_body:
        return None
    return campaign.previous_body, "" if _is_safe(campaign, typed) else typed


def _is_safe(campaign: Campaign, text: str) -> bool:
    """Whether nothing is lost when this text goes: nothing is written, or a template says the same."""
    templates = Template.objects.filter(business=campaign.business_id, body=text)
    return not text or templates.exists()


def _just_begun(business: Business, actor: User) -> QuerySet[Campaign]:
    since = timezone.now() - _CLICKS_WITHIN
    mine = Campaign.objects.filter(business=business, created_by=actor, created_at__gt=since)
    return mine.filter(status=Campaign.Status.DRAFT).order_by("-id")


def _only(rows: QuerySet[Row]) -> Row | None:
    """The single row there is; None where there is a choice, or nothing."""
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None
