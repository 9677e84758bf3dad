"""A campaign's life: launched, paused, resumed, cancelled, done; and copied.

Each moves the campaign by a conditional UPDATE; its rows follow by themselves.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextChoices
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business, User
from blu.accounts.refused import Refused
from blu.db.state_machine import sources
from blu.jobs import queue
from campaigns.messages import content
from campaigns.models import Campaign, Delivery
from campaigns.models.campaign_states import MOVES, CampaignStatus
from campaigns.models.ledger_states import Status
from contacts import segments
from sessions.driving import link_updates
from sessions.models import WhatsAppSession

CHUNK = 5_000  # rows of a cancelled campaign moved in one transaction


class MoveRefusal(TextChoices):
    """Why a campaign is not moved."""

    DISCARDED = (
        "discarded",
        gettext_lazy("Esta campanha foi cancelada. Duplique para lançar de novo."),
    )
    CHANGED = (
        "changed",
        gettext_lazy("O rascunho mudou enquanto esta página estava aberta. Confira de novo."),
    )
    LAUNCHED = "launched", gettext_lazy("Esta campanha já foi lançada. Nada mudou agora.")
    OVER = "over", gettext_lazy("Esta campanha já terminou.")
    NOT_RUNNING = "not_running", gettext_lazy("Só uma campanha em andamento pode ser pausada.")
    NOT_PAUSED = "not_paused", gettext_lazy("Só uma campanha pausada pode continuar.")


def move(campaigns: QuerySet[Campaign], status: CampaignStatus, **values: Any) -> int:
    """Move those of `campaigns` that may go to `status` from where they are; returns their number.

    `values` are written with it. A campaign that is there already is not among them.
    """
    before = [source for source in sources(status, MOVES) if source != status]
    written = {"pause_reason": "", "pause_counts": {}, "updated_at": Now()} | values
    return campaigns.filter(status__in=before).update(status=status, **written)


@transaction.atomic
def launch(
    *, campaign_id: int, business: Business, actor: User, seen: int | None = None
) -> Campaign:
    """Send a draft on its way: draft → launching, and the snapshot is enqueued on commit.

    `seen` is the version of the draft that the person has looked at: no other words go out.

    A second launch of the same campaign, even at the same moment, gives the launched one back and
    does nothing. Raises Refused with what is lacking, FaultyText where that is a text without faults.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id, business=business)
    if not Campaign.Status(campaign.status).is_before_launch:
        if campaign.launched_at is None:
            raise Refused(MoveRefusal.DISCARDED)
        return campaign
    if seen is not None and seen != campaign.version:
        raise Refused(MoveRefusal.CHANGED)
    for lack in lacks(campaign):
        if lack == Lack.FAULTY_TEXT:
            content.sendable(business, campaign.body)
        raise Refused(lack)
    _move_or_refuse(
        Campaign.objects.filter(pk=campaign.pk),
        Campaign.Status.LAUNCHING,
        MoveRefusal.OVER,
        launched_by=actor,
        launched_at=Now(),
        footer=content.footer(business),
    )
    campaign.refresh_from_db()
    transaction.on_commit(lambda: queue.enqueue("blu.tasks.take_snapshot", campaign.pk))
    return campaign


class Lack(TextChoices):
    """What a draft needs before it can be launched. `lacks_in_words` tells a faulty text place by place."""

    TOPIC = "topic", gettext_lazy("Falta escolher o assunto.")
    TEXT = "text", gettext_lazy("Falta escrever a mensagem.")
    FAULTY_TEXT = "faulty_text", ""
    SESSION = "session", gettext_lazy("Falta conectar um WhatsApp e escolher por qual enviar.")
    AUDIENCE = (
        "audience",
        gettext_lazy("Ninguém deste público aceitou este assunto: não há a quem enviar."),
    )


def lacks(campaign: Campaign, *, receive: int | None = None) -> list[Lack]:
    """Returns why a draft can't be launched, in the order of the composer.

    `receive`: how many people its audience is, where that is known already.
    """
    found = [Lack.TOPIC] if campaign.topic is None else []
    found += lacks_of_text(campaign)
    if linked_session(campaign) is None:
        found.append(Lack.SESSION)
    if not _has_audience(campaign) if receive is None else receive == 0:
        found.append(Lack.AUDIENCE)
    return found


def lacks_of_text(campaign: Campaign) -> list[Lack]:
    """Returns what is lacking of the text alone: at most one."""
    if not campaign.body.strip():
        return [Lack.TEXT]
    return [Lack.FAULTY_TEXT] if content.faults(campaign.business, campaign.body) else []


def linked_session(campaign: Campaign) -> WhatsAppSession | None:
    """Returns the session it goes through; None where none was chosen, or it was never linked."""
    session = campaign.session
    return session if session and session.linked_at else None


def lacks_in_words(campaign: Campaign, found: Iterable[Lack]) -> list[str]:
    """Returns a sentence for each, and one for each fault of the text."""
    said: list[str] = []
    for lack in found:
        faulty = lack == Lack.FAULTY_TEXT
        faults = content.faults(campaign.business, campaign.body) if faulty else ()
        said += map(str, faults) if faulty else [str(lack.label)]
    return said


def _has_audience(campaign: Campaign) -> bool:
    """Returns False where a chosen topic reaches nobody; True while no topic is chosen."""
    if campaign.topic is None:
        return True
    return segments.audience(
        business=campaign.business, topic=campaign.topic, segment=campaign.segment
    ).exists()


def pause(*, campaign: Campaign, actor: User) -> None:
    """Stop claiming: running → paused. A message in hand is finished."""
    _move_or_refuse(
        Campaign.objects.filter(pk=campaign.pk),
        Campaign.Status.PAUSED,
        MoveRefusal.NOT_RUNNING,
        paused_by=actor,
        paused_at=Now(),
    )
    campaign.refresh_from_db()


def resume(*, campaign: Campaign, actor: User) -> None:
    """Go on where it stopped: paused → running."""
    _move_or_refuse(
        Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.PAUSED),
        Campaign.Status.RUNNING,
        MoveRefusal.NOT_PAUSED,
        resumed_at=Now(),
    )
    campaign.refresh_from_db()
    link_updates.wake(campaign.session_id)


@transaction.atomic
def cancel(*, campaign: Campaign, actor: User) -> None:
    """End it for good: what was sent stays sent, the rest is cancelled in chunks by the jobs cluster."""
    _end(campaign, Campaign.objects.filter(pk=campaign.pk), MoveRefusal.OVER)


@transaction.atomic
def discard(*, campaign: Campaign, actor: User) -> None:
    """End a draft for good; what was launched meanwhile goes on."""
    drafts = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DRAFT)
    _end(campaign, drafts, MoveRefusal.LAUNCHED)


def _end(campaign: Campaign, rows: QuerySet[Campaign], refusal: MoveRefusal) -> None:
    _move_or_refuse(rows, Campaign.Status.CANCELLED, refusal, ended_at=Now())
    campaign.refresh_from_db()
    transaction.on_commit(lambda: queue.enqueue("blu.tasks.cancel_rows", campaign.pk))


def cancel_rows(campaign_id: int) -> int:
    """Move a cancelled campaign's queued rows to cancelled, a chunk a transaction. Returns the number moved."""
    moved = 0
    while True:
        chunk = list(
            Delivery.objects.filter(
                campaign_id=campaign_id,
                campaign__status=Campaign.Status.CANCELLED,
                status=Status.QUEUED,
            ).values_list("pk", flat=True)[:CHUNK]
        )
        if not chunk:
            return moved
        moved += Delivery.objects.filter(pk__in=chunk, status=Status.QUEUED).update(
            status=Status.CANCELLED, ended_at=Now()
        )


def finish_if_done(*, session_id: int) -> int:
    """running → done for this session's campaigns without an open row. Returns the number moved."""
    rows = Delivery.objects.filter(campaign=OuterRef("pk"))
    # Asked one by one, so that each is answered by a partial index of open rows alone.
    finished = (
        Campaign.objects.filter(session_id=session_id, status=Campaign.Status.RUNNING)
        .exclude(Exists(rows.filter(status=Status.QUEUED)))
        .exclude(Exists(rows.filter(session_id=session_id, status=Status.SENDING)))
    )
    if not finished.exists():
        return 0
    with transaction.atomic():
        # Whoever queues a row again locks its campaign: what they committed is seen by the statement after the lock.
        locked = list(finished.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        pks = [pk for (pk,) in locked]
        return move(finished.filter(pk__in=pks), Campaign.Status.DONE, ended_at=Now())


def _move_or_refuse(
    campaign: QuerySet[Campaign], status: CampaignStatus, refusal: MoveRefusal, **values: Any
) -> None:
    """Refused when the campaign may not move there from where it is."""
    if not move(campaign, status, **values):
        raise Refused(refusal)
