"""Accounts linked without a browser: each linked by a host as in production, each with a campaign of its own."""

import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from blu.accounts.models import User
from blu.lab.bench import seeding, simulated_account
from campaigns.ledger import snapshot
from campaigns.models import Campaign
from campaigns.models.ledger_states import Status
from contacts.models import Topic
from sessions.driving import link_updates
from sessions.linking import services
from sessions.models import Link, Pairing, WhatsAppSession

LONG = 1800.0  # seconds
# Messages of a launch in turn: its first one comes due when all are in the tables.
LAUNCHED_A_SECOND = 3_000
ASK_EVERY = 10.0  # seconds: to count them takes the machine that is measured
PATIENCE = 60.0  # seconds in which nothing more is told, after which the rest is taken for lost

# One message of each session after the other, so many a second in all; whoever is new among the people of one campaign
# stands anywhere among the others.
_IN_TURN = """
UPDATE campaigns_delivery d SET not_before = statement_timestamp() + make_interval(secs => %s + turn.number / %s)
  FROM (SELECT id, row_number() OVER (ORDER BY nth, session_id)::float AS number
          FROM (SELECT id, session_id, row_number() OVER (PARTITION BY session_id ORDER BY campaign_id, md5(id::text)) AS nth
                  FROM campaigns_delivery WHERE campaign_id = ANY(%s)) of_each) turn
 WHERE d.id = turn.id
"""

_FIRST_IN = """
SELECT extract(epoch FROM min(not_before) - clock_timestamp())::float FROM campaigns_delivery WHERE campaign_id = ANY(%s)
"""

_UNREAD = "SELECT count(*) FROM campaigns_delivery WHERE campaign_id = ANY(%s) AND status <> %s"


def sessions(number: int, people: int) -> list[WhatsAppSession]:
    """So many sessions, each of a business of its own with so many subscribers, none of them linked."""
    actor = User.objects.create_user("bench@blu.local", None)
    return [_session(actor, one, people) for one in range(number)]


def _session(actor: User, number: int, people: int) -> WhatsAppSession:
    business = seeding.business(f"Direct{number}")
    topic = Topic.objects.create(business=business, name="Novidades")
    seeding.subscribers(business, topic, people, settled=False)
    session = services.create_session(
        business=business, name="WhatsApp", actor=actor, transport="direct"
    )
    services.accept_terms(session=session, actor=actor)
    return session


def account(number: int) -> str:
    """The account of the session of this number."""
    return f"+5547{910_000_000 + number}"


def link(several: list[WhatsAppSession], url: str) -> None:
    """Have them linked by the host: a phone scans each code that is shown."""
    actor = User.objects.get()
    asked = {
        services.request_pairing(session=session, actor=actor).pk: account(session.pk)
        for session in several
    }
    scanned: set[str] = set()
    until(lambda: _scan(asked, scanned, url))
    online = Link.objects.filter(session__in=several, state="online")
    until(lambda: online.count() == len(several))


def _scan(asked: dict[int, str], scanned: set[str], url: str) -> bool:
    """Scan what is shown; whether all are linked."""
    pairings = list(Pairing.objects.filter(pk__in=asked))
    for pairing in pairings:
        if pairing.status in (Pairing.Status.FAILED, Pairing.Status.EXPIRED):
            raise RuntimeError(f"an account was not linked: {pairing.reason}")
        if pairing.code and pairing.code not in scanned:
            scanned.add(pairing.code)
            simulated_account.scan(url, asked[pairing.pk], pairing.code)
    return all(pairing.status == Pairing.Status.LINKED for pairing in pairings)


def launch(several: list[WhatsAppSession]) -> list[Campaign]:
    """A campaign of each to all of its people, due at once."""
    with transaction.atomic():
        return [_launched(session) for session in several]


def launch_in_turn(
    several: list[WhatsAppSession], per_second: float, new: Sequence[int]
) -> list[Campaign]:
    """A campaign of each for each number of `new` people who come before it, to all people it has by then; so many
    messages of all of them are due a second, in turn.
    """
    campaigns = []
    with transaction.atomic():
        for more in new:
            for session in several:
                topic = Topic.objects.get(business=session.business)
                there = session.business.contact_set.count()
                seeding.subscribers(session.business, topic, more, after=there, settled=False)
                campaigns.append(_launched(session))
        with connection.cursor() as cursor:
            after = sum(campaign.recipients for campaign in campaigns) / LAUNCHED_A_SECOND
            cursor.execute(_IN_TURN, [after, per_second, [campaign.pk for campaign in campaigns]])
    with connection.cursor() as cursor:
        # That all of a day is launched, and then dated, in one moment, is this bench's: PostgreSQL would be tidying up after
        # it while messages are measured.
        cursor.execute("VACUUM (ANALYZE)")
    _wake_in_turn(several, per_second, campaigns)
    return campaigns


def _wake_in_turn(
    several: list[WhatsAppSession], per_second: float, campaigns: list[Campaign]
) -> None:
    """Tell hosts of each session as its first message comes due, as a launch does; else their next look would find it."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_IN, [[campaign.pk for campaign in campaigns]])
        (first_in,) = cursor.fetchone()
    begins = time.monotonic() + first_in
    for number, session in enumerate(several):
        time.sleep(max(0.0, begins + number / per_second - time.monotonic()))
        link_updates.wake(session.pk)


def _launched(session: WhatsAppSession) -> Campaign:
    topic = Topic.objects.get(business=session.business)
    campaign = seeding.campaign(session.business, topic, session)
    told_apart(campaign)
    campaign.recipients = snapshot.take(campaign.pk)
    return campaign


def told_apart(campaign: Campaign) -> None:
    """Each tells people something else, so that a message that came twice is seen."""
    Campaign.objects.filter(pk=campaign.pk).update(body=f"{campaign.body} ({campaign.pk})")


def until_read(
    campaigns: list[Campaign], *, ask_every: float = ASK_EVERY, patience: float = PATIENCE
) -> None:
    """Return once people have read all of it, or nothing more was told of the rest for so long."""
    keys = [campaign.pk for campaign in campaigns]
    left, since = -1, time.monotonic()
    while left and time.monotonic() - since < patience:
        time.sleep(ask_every)
        with connection.cursor() as cursor:
            cursor.execute(_UNREAD, [keys, Status.READ])
            (now,) = cursor.fetchone()
        if now != left:
            left, since = now, time.monotonic()


def until(done: Callable[[], bool], *, every: float = 0.05) -> None:
    """Return once it is so. RuntimeError where it never is."""
    deadline = time.monotonic() + LONG
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("the hosts did not come that far")
        time.sleep(every)
