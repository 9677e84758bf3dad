"""Direct links in the hands of hosts that come and go, and what is launched on them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import psutil
from django.db import connection
from django.db.models import Count, QuerySet

from blu.db import clock
from blu.lab.bench import linked_accounts
from blu.lab.bench.hosts import Host
from blu.lab.bench.taking import own_mb
from campaigns.models import Campaign, Delivery
from sessions.models import WhatsAppSession

ASK_EVERY = 0.2  # seconds
PATIENCE = 15.0  # seconds without news, after which what is in doubt stays so

# Links that are open where they are held, by leases that were renewed since: of each host, by its process.
_OPEN = """
SELECT runner.pid, count(*) FROM wa_sessions_lease lease
  JOIN wa_sessions_runner runner ON runner.id = lease.runner_id
  JOIN wa_sessions_link link ON link.id = lease.link_id
 WHERE lease.expires_at > statement_timestamp() AND link.state = 'online' AND link.proven_at > lease.acquired_at
   AND runner.heartbeat > lease.acquired_at
 GROUP BY runner.pid
"""


@dataclass
class Fleet:
    """The sessions, whose links `begin` makes hosts for, and every campaign that was launched on them."""

    url: str
    begin: Callable[[], Host]
    several: list[WhatsAppSession]
    campaigns: list[Campaign] = field(default_factory=list)

    def launch(self, several: list[WhatsAppSession]) -> list[Campaign]:
        """A campaign of each of these to all of its people, due at once."""
        return self.launched(linked_accounts.launch(several))

    def launched(self, campaigns: list[Campaign]) -> list[Campaign]:
        """Keep in mind what was launched."""
        self.campaigns += campaigns
        return campaigns

    def until_open(self, *shares: tuple[Host, int]) -> None:
        """Return once so many links are open in each of these hosts."""
        wanted = {host.pid: number for host, number in shares}
        linked_accounts.until(lambda: open_by_host() == wanted, every=ASK_EVERY)


def open_by_host() -> dict[int, int]:
    """How many links are open in each host, by its process."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        return dict(cursor.fetchall())


def until_settled(campaigns: list[Campaign]) -> None:
    """Return once people have read all of it, or nothing more is told of the rest."""
    linked_accounts.until_read(campaigns, ask_every=ASK_EVERY, patience=clock.scaled(PATIENCE))


def until_under_way(campaigns: list[Campaign], share: float) -> None:
    """Return once this share of their messages is pressed."""
    pressed = _rows(campaigns).filter(pressed_at__isnull=False)
    wanted = share * sum(campaign.recipients for campaign in campaigns)
    linked_accounts.until(lambda: pressed.count() >= wanted)


def standing(campaigns: list[Campaign]) -> Counter[str]:
    """How many of their messages are in which status."""
    counted = _rows(campaigns).values_list("status").annotate(number=Count("pk"))
    return Counter(dict(counted))


def _rows(campaigns: list[Campaign]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(campaign__in=campaigns)


def now() -> datetime:
    """The database's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def mb(host: Host) -> float:
    """Memory that would be free without this host."""
    return round(own_mb(psutil.Process(host.pid)), 1)
