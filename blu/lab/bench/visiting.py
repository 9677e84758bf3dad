"""bench visit: messages through real browsers to the simulator, and what a browser costs in memory.

Eight sessions on two slots: each slot is a process that visits its sessions one after the other, as
the browser cluster does. Then all eight homes are opened at once, to weigh them.
"""

import multiprocessing as mp
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier

import psutil
from django.conf import settings
from django.db import connections
from django.db.models import Min

from blu.lab.bench import scratch, seeding, simulated_account
from blu.lab.bench.measuring import Figure, family_pss_mb, median
from campaigns.ledger import snapshot
from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import REACHED, Status
from contacts.models import Topic
from sessions.driving import visit as visits
from sessions.events import Link
from sessions.models import WhatsAppSession
from sessions.registry import backend_of

ROWS = 160
SESSIONS = 8
SLOTS = 2
LONG = 900.0


def measure(rows: int) -> Iterator[Figure]:
    """`rows` messages over all sessions; then the weight of the browsers."""
    with scratch.simulator() as (url, _process):
        settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = url
        campaigns = [_prepared(number, rows // SESSIONS, url) for number in range(SESSIONS)]
        sessions = [campaign.session for campaign in campaigns if campaign.session]
        # A visit stays up to 20 s for ticks that never come: that is a wait, not speed.
        behaviour: dict[str, object] = {"reply_share": 0, "read_after": 1, "read_share": 1}
        simulated_account.call(url, "/control/behaviour", behaviour)
        open_seconds = _visited(sessions)
        sent = Delivery.objects.filter(status__in=REACHED[Status.SENT]).count()
        if sent != sum(campaign.recipients for campaign in campaigns):
            raise RuntimeError(f"only {sent} were sent")
        first_message = _first_message()
        first, all_of_them = _weighed(sessions[:1]), _weighed(sessions)
        by_deep_link = _by_deep_link(url, rows // SESSIONS)
    yield Figure(
        bench="visit", rows=sent, unit="messages per second",
        figure=SLOTS * sent / open_seconds, floor=1.0, peak_mb=all_of_them, target=">= 3",
        more={
            "per_open_browser": round(sent / open_seconds, 2),
            "per_open_browser_by_deep_link": round(by_deep_link, 2),
            "sessions": SESSIONS,
            "slots": SLOTS,
            "seconds_to_first_message": round(first_message, 1),
            "pss_mb_first_browser": first,
            "pss_mb_each_further_browser": round((all_of_them - first) / (SESSIONS - 1), 1),
        },
    )  # fmt: skip


def _by_deep_link(url: str, rows: int) -> float:
    """Messages per second in one browser whose page is loaded anew for each chat."""
    campaign = _prepared(SESSIONS, rows, url)
    assert campaign.session is not None
    way: dict[str, object] = {"account": _account(SESSIONS), "links": "reload"}
    simulated_account.call(url, "/control/settings", way)
    seconds = _visited([campaign.session])
    sent = campaign.deliveries.filter(status__in=REACHED[Status.SENT]).count()
    if sent != campaign.recipients:
        raise RuntimeError(f"only {sent} were sent by deep link")
    return sent / seconds


def _prepared(number: int, rows: int, url: str) -> Campaign:
    """A linked browser session with a running campaign."""
    business = seeding.business(f"Visit{number}")
    topic = Topic.objects.create(business=business, name="Novidades")
    seeding.subscribers(business, topic, rows)
    session = seeding.session(business, f"visit-{number}", transport="browser")
    simulated_account.link(session, url, _account(number))
    campaign = seeding.campaign(business, topic, session)
    campaign.recipients = snapshot.take(campaign.pk)
    return campaign


def _account(number: int) -> str:
    return f"+5511980001{number:03d}"


def _visited(sessions: list[WhatsAppSession]) -> float:
    """Every session once, SLOTS at a time; for how many seconds browsers were open in all."""
    context = mp.get_context("fork")
    answers = context.Queue()
    slots = [sessions[number::SLOTS] for number in range(SLOTS)]
    processes = [context.Process(target=_slot, args=(mine, answers)) for mine in slots]
    _all(processes)
    seconds: list[float] = [answers.get(timeout=LONG) for _session in sessions]
    return sum(seconds)


def _slot(sessions: list[WhatsAppSession], answers: "mp.Queue[float]") -> None:
    for session in sessions:
        start = time.perf_counter()
        visits.visit(only=session.pk, work=WORK, outbox=LedgerOutbox(), stop=threading.Event())
        answers.put(time.perf_counter() - start)


def _first_message() -> float:
    """From a visit's start, which takes the lease, to its first message; the middle of all sessions."""
    firsts = Delivery.objects.values(
        "session_id", "campaign__session__active_link__lease__acquired_at"
    ).annotate(first=Min("sent_at"))
    return median(
        (row["first"] - row["campaign__session__active_link__lease__acquired_at"]).total_seconds()
        for row in firsts
    )


def _weighed(sessions: list[WhatsAppSession]) -> float:
    """Proportional memory of these sessions' browsers, open at once, without our own processes."""
    context = mp.get_context("fork")
    barrier = context.Barrier(len(sessions) + 1)
    processes = [context.Process(target=_open, args=(one, barrier)) for one in sessions]
    weight = 0.0

    def weigh() -> None:
        nonlocal weight
        barrier.wait(LONG)
        for process in processes:
            children = psutil.Process(process.pid).children()
            weight += sum(family_pss_mb(child.pid) for child in children)
        barrier.wait(LONG)

    _all(processes, meanwhile=weigh)
    return round(weight, 1)


def _open(session: WhatsAppSession, barrier: Barrier) -> None:
    transport = backend_of(session.link).make(session.link)
    try:
        assert transport.open().link is Link.ONLINE
        barrier.wait(LONG)
        barrier.wait(LONG)
    finally:
        transport.close()


def _all(
    processes: "list[mp.context.ForkProcess]", meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Start them without our connections, and wait until they ended well."""
    connections.close_all()
    for process in processes:
        process.start()
    meanwhile()
    for process in processes:
        process.join(LONG)
    if any(process.exitcode for process in processes):
        raise RuntimeError("a browser's process did not end well")
