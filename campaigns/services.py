"""What people do to campaigns: launch, pause, resume, cancel, duplicate.

Each moves the campaign by a conditional UPDATE; its rows follow by themselves.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts.models import Business, User
from blu.lib import queue
from campaigns import message
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status
from contacts import segments
from sessions import services as session_services

CHUNK = 5_000  # rows of a cancelled campaign moved in one transaction


class Refused(Exception):
    """What was asked can't be done; the message is a sentence for the person who asked."""


@transaction.atomic
def launch(
    *, campaign_id: int, business: Business, actor: User, seen: datetime | None = None
) -> Campaign:
    """Send a draft on its way: draft → launching, and the snapshot is rung for on commit.

    `seen` is when the draft that the person has looked at was saved: no other words go out.

    A second launch of the same campaign, even at the same moment, gives the launched one back and
    does nothing. Raises Refused with the reason where something is missing.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id, business=business)
    if campaign.status != Campaign.Status.DRAFT:
        if campaign.launched_at is None:
            raise Refused(_("Esta campanha foi cancelada. Duplique para lançar de novo."))
        return campaign
    if seen is not None and seen != campaign.updated_at:
        raise Refused(_("O rascunho mudou enquanto esta página estava aberta. Confira de novo."))
    _complete(campaign)
    campaign.status = Campaign.Status.LAUNCHING
    campaign.launched_by, campaign.launched_at = actor, timezone.now()
    campaign.footer = message.footer(business)
    campaign.save()
    transaction.on_commit(lambda: queue.enqueue("blu.tasks.take_snapshot", campaign.pk))
    return campaign


def _complete(campaign: Campaign) -> None:
    """Refused with the first thing that is missing for a launch."""
    if campaign.topic is None:
        raise Refused(_("Escolha o assunto da mensagem."))
    if campaign.session is None or campaign.session.linked_at is None:
        raise Refused(_("Conecte um WhatsApp e escolha por qual enviar."))
    if not campaign.body.strip():
        raise Refused(_("Escreva a mensagem."))
    faultless(campaign)
    audience = segments.audience(
        business=campaign.business, topic=campaign.topic, segment=campaign.segment
    )
    if not audience.exists():
        raise Refused(_("Ninguém deste público aceitou este assunto. Nada foi lançado."))


def faultless(campaign: Campaign) -> None:
    """Refused with the first fault of the text: a draft may hold one."""
    faults = message.faults(campaign.business, campaign.body)
    if faults:
        raise Refused(faults[0])


def pause(*, campaign: Campaign, actor: User | None, reason: str = "") -> None:
    """Stop claiming: running → paused. A message in hand is finished."""
    _move(
        campaign,
        (Campaign.Status.RUNNING,),
        {
            "status": Campaign.Status.PAUSED,
            "pause_reason": reason[:300],
            "paused_by": actor,
            "paused_at": timezone.now(),
        },
        _("Só uma campanha em andamento pode ser pausada."),
    )


def resume(*, campaign: Campaign, actor: User) -> None:
    """Go on where it stopped: paused → running."""
    _move(
        campaign,
        (Campaign.Status.PAUSED,),
        {"status": Campaign.Status.RUNNING, "pause_reason": "", "resumed_at": timezone.now()},
        _("Só uma campanha pausada pode continuar."),
    )
    session_services.wake(campaign.session_id)


@transaction.atomic
def cancel(*, campaign: Campaign, actor: User) -> None:
    """End it for good: what was sent stays sent, the rest is cancelled in chunks by the jobs cluster."""
    _move(
        campaign,
        (
            Campaign.Status.DRAFT,
            Campaign.Status.LAUNCHING,
            Campaign.Status.RUNNING,
            Campaign.Status.PAUSED,
        ),
        {"status": Campaign.Status.CANCELLED, "pause_reason": "", "ended_at": timezone.now()},
        _("Esta campanha já terminou."),
    )
    transaction.on_commit(lambda: queue.enqueue("blu.tasks.cancel_rows", campaign.pk))


def cancel_rows(campaign_id: int) -> int:
    """Move a cancelled campaign's queued rows to cancelled, a chunk a transaction; how many."""
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
            status=Status.CANCELLED, ended_at=timezone.now()
        )


def finish_if_done(*, session_id: int) -> int:
    """running → done for this session's campaigns without an open row; how many."""
    rows = Delivery.objects.filter(campaign=OuterRef("pk"))
    # Asked one by one, so that each is answered by a partial index of open rows alone.
    return (
        Campaign.objects.filter(session_id=session_id, status=Campaign.Status.RUNNING)
        .exclude(Exists(rows.filter(status=Status.QUEUED)))
        .exclude(Exists(rows.filter(session_id=session_id, status=Status.SENDING)))
        .update(status=Campaign.Status.DONE, ended_at=timezone.now(), updated_at=timezone.now())
    )


def duplicate(*, campaign: Campaign, actor: User) -> Campaign:
    """A new draft with the same words, topic, segment and session."""
    return Campaign.objects.create(
        business=campaign.business,
        name=_("%(name)s (cópia)") % {"name": campaign.name[:70]},
        topic=campaign.topic,
        segment=campaign.segment,
        session=campaign.session,
        body=campaign.body,
        created_by=actor,
    )


def _move(
    campaign: Campaign, sources: tuple[str, ...], values: dict[str, object], refusal: str
) -> None:
    """The conditional UPDATE; Refused when the campaign is not in one of `sources`."""
    moved = Campaign.objects.filter(pk=campaign.pk, status__in=sources).update(
        **values, updated_at=timezone.now()
    )
    if not moved:
        raise Refused(refusal)
    campaign.refresh_from_db()
