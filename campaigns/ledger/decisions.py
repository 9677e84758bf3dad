"""A person's decision whether a message in doubt arrived (docs/decisions/0008)."""

from typing import Any

from django.db import transaction
from django.db.models import F, TextChoices
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import User
from blu.accounts.refused import Refused
from campaigns.lifecycle import move
from campaigns.models import Campaign, Decision, Delivery
from campaigns.models.ledger_states import Reason, Status
from sessions.driving import link_updates
from sessions.models import Chat

MOST = 200  # characters of a reason


class DecisionRefusal(TextChoices):
    """Why there is nothing to decide, or not yet."""

    NO_REASON = "no_reason", _("Falta dizer o que você viu na conversa.")
    DECIDED = "decided", _("%(person)s já decidiu sobre este envio. Nada mudou agora.")
    PROVEN = (
        "proven",
        _("O blü encontrou a prova enquanto isso: a mensagem saiu. Nada mudou agora."),
    )
    NO_DOUBT = "no_doubt", _("Este envio não está mais em dúvida. Nada mudou agora.")


@transaction.atomic
def decide(*, delivery: Delivery, arrived: bool, actor: User, reason: str) -> Decision:
    """Settle a delivery in doubt by what a person saw in the chat.

    Arrived: it counts as sent. Not arrived: it goes back to the queue, and the consent is checked
    again when its turn comes; in a cancelled campaign it has failed, as in one whose words about each person
    are forgotten. A campaign that was done with
    the rest runs again for it. Raises Refused without a reason, and where a proof or somebody else
    was quicker.
    """
    reason = " ".join(reason.split())[:MOST]
    if not reason:
        raise Refused(DecisionRefusal.NO_REASON)
    campaign = Campaign.objects.select_for_update().get(pk=delivery.campaign_id)
    values = _arrived() if arrived else _not_arrived(campaign)
    last = delivery.decisions.select_related("actor").order_by("-pk").first()
    decision = Decision.objects.create(
        delivery=delivery, actor=actor, arrived=arrived, reason=reason, at=Now()
    )
    doubtful = Delivery.objects.filter(pk=delivery.pk, status=Status.UNCERTAIN)
    if not doubtful.update(decision_id=decision.pk, **values):
        # The exception takes the decision back as well.
        delivery.refresh_from_db()
        raise _refusal(delivery, last)
    delivery.refresh_from_db()
    if arrived:
        _count_as_new_chat(delivery)
    elif delivery.status == Status.QUEUED and campaign.status == Campaign.Status.DONE:
        _run_again(campaign)
    transaction.on_commit(lambda: link_updates.wake(delivery.session_id))
    return decision


def _arrived() -> dict[str, Any]:
    """The values of a message decided to have arrived; without a message's id, which only WhatsApp gives."""
    return {
        "status": Status.SENT,
        "reason": Reason.PERSON,
        "sent_at": Coalesce(F("pressed_at"), F("sending_at"), F("ended_at")),
        "ended_at": None,
    }


def _not_arrived(campaign: Campaign) -> dict[str, Any]:
    if campaign.status == Campaign.Status.CANCELLED or campaign.variables_forgotten_at:
        return {"status": Status.FAILED, "reason": Reason.PERSON, "ended_at": Now()}
    return {
        "status": Status.QUEUED,
        "reason": Reason.NONE,
        # Whose id it had did not arrive: a late receipt for it must not settle the next attempt.
        "message_id": "",
        "not_before": Now(),
        "sending_at": None,
        "pressed_at": None,
        "ended_at": None,
    }


def _refusal(delivery: Delivery, last: Decision | None) -> Refused:
    """The refusal where nothing is left to decide; `last`: the newest decision."""
    if last is not None and last.actor is not None:
        return Refused(DecisionRefusal.DECIDED, person=last.actor)
    if delivery.status in (Status.SENT, Status.DELIVERED, Status.READ):
        return Refused(DecisionRefusal.PROVEN)
    return Refused(DecisionRefusal.NO_DOUBT)


def _count_as_new_chat(delivery: Delivery) -> None:
    """Count it towards the day's quota of new chats, unless the person has written to us."""
    Chat.objects.filter(
        session_id=delivery.session_id,
        phone=delivery.phone,
        opened_at__isnull=True,
        warm_at__isnull=True,
    ).update(opened_at=delivery.sent_at)


def _run_again(campaign: Campaign) -> None:
    done = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DONE)
    move(done, Campaign.Status.RUNNING, ended_at=None)
