"""How long messages wait while the network swallows all of twenty other links of their host, each with a message under way."""

from django.db import connection

from blu.lab.bench import fleet, linked_accounts, simulated_account
from blu.lab.bench.fleet import Fleet
from blu.lab.bench.hosts import Host
from blu.lab.bench.measuring import Figure, median
from campaigns.models import Delivery
from campaigns.models.ledger_states import Status
from sessions.models import WhatsAppSession

CUT = 20
PER_SECOND = 50.0

_WAITED = """
SELECT extract(epoch FROM pressed_at - not_before)::float FROM campaigns_delivery
 WHERE campaign_id = ANY(%s) AND pressed_at IS NOT NULL
"""


def measure(links: Fleet, host: Host) -> Figure:
    """The longest wait of the others' messages, beside the same where nothing is cut."""
    cut = links.several[: min(CUT, len(links.several) // 2)]
    others = links.several[len(cut) :]
    without = _waits(links, others)
    for session in cut:
        _fault(links, session, fault="silent_cut")
    swallowed = links.launch(cut)
    linked_accounts.until(lambda: fleet.standing(swallowed)[Status.SENDING] == len(cut))
    beside = _waits(links, others)
    by_then = fleet.standing(swallowed)
    for session in cut:
        _fault(links, session, clear=True)
    return Figure(
        bench="failover silent cut", rows=len(links.several), unit="seconds, the longest wait",
        figure=max(beside), floor=max(without), peak_mb=fleet.mb(host), target="<= floor + 1",
        more={
            "cut": len(cut),
            "still_under_way": by_then[Status.SENDING],
            "given_up": by_then[Status.UNCERTAIN],
            "messages": len(beside),
            "longer_by_seconds": round(max(beside) - max(without), 3),
            "median_seconds": round(median(beside), 3),
            "median_seconds_without": round(median(without), 3),
        },
    )  # fmt: skip


def _fault(links: Fleet, session: WhatsAppSession, **values: object) -> None:
    account = linked_accounts.account(session.pk)
    simulated_account.call(links.url, "/control/faults", {"account": account, **values})


def _waits(links: Fleet, several: list[WhatsAppSession]) -> list[float]:
    """How many seconds each message of these waited, once it was due."""
    campaigns = links.launched(linked_accounts.launch_in_turn(several, PER_SECOND, [0]))
    waiting = Delivery.objects.filter(campaign__in=campaigns, pressed_at__isnull=True)
    linked_accounts.until(lambda: not waiting.exists(), every=fleet.ASK_EVERY)
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, [[campaign.pk for campaign in campaigns]])
        return [seconds for (seconds,) in cursor.fetchall()]
