"""When a session may send, by an injected clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import Settings

from blu.text.phone import AREA_CODES
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits import pacing
from campaigns.limits.pacing import Closed, Gate, Limits
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.checks import simulator_only_in_trial
from sessions.driving import runner_clock
from sessions.events import Address
from sessions.interfaces import Idle, InDoubt, LeaseToken, LinkLost, NotSent, Outgoing
from sessions.models import Chat, WhatsAppSession
from sessions.registry import backend_of
from tests import factories
from tests.leasing import hold

pytestmark = pytest.mark.django_db

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MANAUS = ZoneInfo("America/Manaus")

# 2026: 23/11 is a Monday.
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SAO_PAULO)


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session in real pacing, linked long ago."""
    return factories.make_session(
        factories.make_business(), pacing="real", linked_at=MONDAY_NOON - timedelta(days=60)
    )


@pytest.fixture
def limits(session: WhatsAppSession) -> Limits:
    return pacing.limits_of(session.pk)


def opened_today(session: WhatsAppSession, chats: int, moment: datetime = MONDAY_NOON) -> None:
    Chat.objects.bulk_create(
        Chat(session=session, phone=factories.make_phone(), opened_at=moment)
        for _number in range(chats)
    )


# Hours and days


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (at(23, 7, 59), False),
        (at(23, 8), True),
        (at(23, 19, 59), True),
        (at(23, 20), False),
        (at(28, 12), True),  # Saturday
        (at(29, 12), False),  # Sunday
    ],
)
def test_people_are_written_to_by_day_and_never_on_sunday(moment: datetime, open_: bool) -> None:
    assert pacing.is_open(moment, SAO_PAULO) is open_


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (at(23, 12), at(23, 12)),
        (at(23, 6), at(23, 8)),
        (at(23, 21), at(24, 8)),
        (at(28, 20), at(30, 8)),  # Saturday night waits for Monday
        (at(29, 12), at(30, 8)),
        (at(29, 3), at(30, 8)),
    ],
)
def test_what_is_shut_opens_at_eight_of_the_next_day_that_is_no_sunday(
    moment: datetime, opens: datetime
) -> None:
    assert pacing.opening_after(moment, SAO_PAULO) == opens


def test_hours_are_those_of_the_recipients_own_clock(limits: Limits) -> None:
    """At half past eight in São Paulo it is half past seven in Manaus, and half past six in Acre."""
    gate = pacing.gate(limits, now=at(23, 8, 30))
    assert isinstance(gate, Gate)
    assert "92" in gate.closed_area_codes
    assert "68" in gate.closed_area_codes
    assert "11" not in gate.closed_area_codes
    assert gate.reopens == at(23, 8, zone=MANAUS)


def test_in_the_evening_only_the_west_is_open(limits: Limits) -> None:
    gate = pacing.gate(limits, now=at(23, 20, 30))
    assert isinstance(gate, Gate)
    assert "11" in gate.closed_area_codes
    assert "92" not in gate.closed_area_codes
    assert gate.reopens == at(24, 8)


def test_at_night_everything_is_closed_until_the_first_zone_opens(limits: Limits) -> None:
    assert pacing.gate(limits, now=at(23, 23)) == Closed(at(24, 8))


def test_a_whole_sunday_is_closed_until_monday(limits: Limits) -> None:
    assert pacing.gate(limits, now=at(29, 12)) == Closed(at(30, 8))


def test_at_noon_the_whole_country_is_open(limits: Limits) -> None:
    assert pacing.gate(limits, now=MONDAY_NOON) == Gate()
    assert len(AREA_CODES) >= 67


# Interval


def test_the_next_message_waits_for_the_interval(session: WhatsAppSession, limits: Limits) -> None:
    WhatsAppSession.objects.update(last_sent_at=MONDAY_NOON - timedelta(seconds=5))
    free_at = MONDAY_NOON - timedelta(seconds=5) + pacing.INTERVAL
    assert pacing.gate(limits, now=MONDAY_NOON) == Closed(free_at)
    assert pacing.gate(limits, now=free_at) == Gate()


@pytest.mark.parametrize(
    "outcome",
    [
        NotSent("not_on_whatsapp", permanent=True),
        NotSent("too_much_asked", permanent=False),
        NotSent("other_text", permanent=False, of_text=True),
    ],
)
def test_what_was_tried_and_did_not_go_out_takes_the_interval_too(
    session: WhatsAppSession, running: Campaign, token: LeaseToken, noon: None, outcome: NotSent
) -> None:
    in_area(running, "11")
    outbox, limits = LedgerOutbox(), pacing.limits_of(session.pk)
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    assert pacing.interval_ends(limits, now=timezone.now()) is None
    outbox.settle(token, claimed.key, outcome)
    assert pacing.interval_ends(limits, now=timezone.now()) is not None


# Warm-up


@pytest.mark.parametrize(
    ("days", "chats"),
    [(0, 20), (3, 20), (4, 50), (7, 50), (8, 100), (14, 100), (15, 200), (900, 200)],
)
def test_a_link_opens_more_new_chats_as_it_grows_older(days: int, chats: int) -> None:
    limits = Limits(1, unlimited=False, linked_at=MONDAY_NOON - timedelta(days=days, hours=1))
    assert pacing.quota(limits, now=MONDAY_NOON) == chats


@pytest.mark.parametrize("linked_at", [None, MONDAY_NOON + timedelta(minutes=5)])
def test_an_unknown_or_future_link_is_as_young_as_can_be(linked_at: datetime | None) -> None:
    """Nodes' clocks may be minutes apart: a link made "in the future" is a new one."""
    limits = Limits(1, unlimited=False, linked_at=linked_at)
    assert pacing.quota(limits, now=MONDAY_NOON) == 20


def test_beyond_the_quota_only_warm_chats_go_on(session: WhatsAppSession, limits: Limits) -> None:
    opened_today(session, 199)
    assert pacing.gate(limits, now=MONDAY_NOON) == Gate()
    opened_today(session, 1)
    assert pacing.gate(limits, now=MONDAY_NOON) == Gate(warm_only=True, reopens=at(24, 8))


def test_the_quota_is_new_at_the_business_midnight(
    session: WhatsAppSession, limits: Limits
) -> None:
    opened_today(session, 200, at(22, 23, 59))
    assert pacing.gate(limits, now=MONDAY_NOON) == Gate()
    assert pacing.new_chats_today(limits, now=at(22, 23, 59)) == 200


def test_another_sessions_chats_are_not_counted(session: WhatsAppSession, limits: Limits) -> None:
    opened_today(factories.make_session(session.business), 200)
    assert pacing.gate(limits, now=MONDAY_NOON) == Gate()


# In the outbox


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_clock, "now", lambda: MONDAY_NOON)


@pytest.fixture
def running(session: WhatsAppSession) -> Campaign:
    return factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)


@pytest.fixture
def token(running: Campaign) -> LeaseToken:
    assert running.session_id is not None
    return hold(running.session_id)


def in_area(campaign: Campaign, code: str, **fields: bool) -> Delivery:
    phone = f"+55{code}98{factories.make_phone()[-7:]}"
    contact = factories.make_contact(campaign.business, phone=phone)
    # Due for long by the database's own clock, which no test can turn.
    return factories.make_delivery(
        campaign, contact, not_before=at(23, 0).replace(year=2000), **fields
    )


def test_beyond_the_quota_new_chats_wait_and_warm_ones_are_claimed(
    noon: None, session: WhatsAppSession, running: Campaign, token: LeaseToken
) -> None:
    opened_today(session, 200)
    in_area(running, "11")
    warm = in_area(running, "11", warm=True)
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    assert claimed.key.id == warm.pk
    assert outbox.next(token) == Idle(at(24, 8))
    running.refresh_from_db()
    assert running.status == Campaign.Status.RUNNING


def test_who_sleeps_is_not_claimed_and_the_outbox_says_when_they_wake(
    monkeypatch: pytest.MonkeyPatch, running: Campaign, token: LeaseToken
) -> None:
    monkeypatch.setattr(runner_clock, "now", lambda: at(23, 8, 30))
    asleep, awake = in_area(running, "92"), in_area(running, "11")
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    assert claimed.key.id == awake.pk
    assert outbox.next(token) == Idle(at(23, 8, zone=MANAUS))
    asleep.refresh_from_db()
    assert asleep.status == Status.QUEUED


def test_at_night_nothing_is_claimed_but_a_confirmation_goes_out(
    monkeypatch: pytest.MonkeyPatch, running: Campaign, token: LeaseToken
) -> None:
    """Who asked to stop at night gets the answer at night: it is their own conversation."""
    monkeypatch.setattr(runner_clock, "now", lambda: at(23, 23))
    in_area(running, "11")
    assert LedgerOutbox().next(token) == Idle(at(24, 8))
    factories.make_notice(running.session, "stop_confirmation")
    claimed = LedgerOutbox().next(token)
    assert isinstance(claimed, Outgoing)
    assert claimed.key.kind == "notice"


@pytest.mark.parametrize(("hour", "claimed"), [(8, 0), (21, 1)])
def test_a_foreign_number_keeps_the_hours_of_the_business(
    monkeypatch: pytest.MonkeyPatch, running: Campaign, token: LeaseToken, hour: int, claimed: int
) -> None:
    """+1 202 is no number of Minas (02), nor +34 922 one of Manaus (92, still open at nine here)."""
    running.business.time_zone = "America/Rio_Branco"
    running.business.save()
    monkeypatch.setattr(runner_clock, "now", lambda: at(23, hour, 30))
    for phone in ("+12025550123", "+34922123456"):
        contact = factories.make_contact(running.business, phone=phone)
        factories.make_delivery(running, contact, not_before=at(23, 0).replace(year=2000))
    assert isinstance(LedgerOutbox().next(token), Outgoing) is bool(claimed)


# What was pressed counts


@pytest.mark.parametrize("kind", ["delivery", "notice"])
def test_whatever_is_pressed_starts_the_interval_and_opens_the_chat(
    noon: None, session: WhatsAppSession, running: Campaign, token: LeaseToken, kind: str
) -> None:
    if kind == "delivery":
        in_area(running, "11")
    else:
        factories.make_notice(session)
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.record_lookup(
        token, claimed.key, Address(claimed.to.phone, claimed.to.phone.lstrip("+"))
    )
    theirs = Chat.objects.get(session=session)
    assert theirs.opened_at is None
    outbox.before_wire(token, claimed.key)
    session.refresh_from_db()
    theirs.refresh_from_db()
    assert session.last_sent_at is not None
    assert theirs.opened_at is not None


def test_a_chat_in_which_the_person_wrote_first_is_none_that_we_opened(
    noon: None, session: WhatsAppSession, running: Campaign, token: LeaseToken
) -> None:
    row = in_area(running, "11", warm=True)
    Chat.objects.create(session=session, phone=row.phone, wa_id="55", warm_at=MONDAY_NOON)
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.before_wire(token, claimed.key)
    assert Chat.objects.get().opened_at is None


@pytest.mark.usefixtures("one_day")
def test_a_message_in_doubt_counts_for_the_day(
    session: WhatsAppSession, running: Campaign, token: LeaseToken, noon: None
) -> None:
    in_area(running, "11")
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.before_wire(token, claimed.key)
    outbox.settle(token, claimed.key, InDoubt("no_tick"))
    now = timezone.now()
    limits = pacing.limits_of(session.pk)
    assert pacing.sent_today(limits, now=now) == 1
    assert pacing.sent_today(limits, now=now + timedelta(days=1)) == 0


# The trial profile


def test_trial_has_no_limits_on_the_simulator(settings: Settings) -> None:
    settings.SIMULATOR_URL = "http://127.0.0.1:1"
    session = factories.make_session(factories.make_business(), last_sent_at=at(29, 12))
    limits = pacing.limits_of(session.pk)
    assert limits.unlimited
    assert pacing.gate(limits, now=at(29, 12)) == Gate()


def test_trial_without_the_simulator_has_the_real_limits(settings: Settings) -> None:
    settings.SIMULATOR_URL = ""
    session = factories.make_session(factories.make_business())
    assert isinstance(pacing.gate(pacing.limits_of(session.pk), now=at(29, 12)), Closed)


@pytest.mark.parametrize(
    "fields",
    [
        {"pacing": "trial", "transport": "browser"},
        {"pacing": "trial", "transport": "simulated"},
        {"pacing": "real", "transport": "simulated"},
        {"pacing": "real", "transport": "inprocess"},
    ],
)
def test_a_session_made_for_the_simulator_never_meets_whatsapp(
    settings: Settings, fields: dict[str, str]
) -> None:
    settings.SIMULATOR_URL = ""
    session = factories.make_session(factories.make_business(), **fields)
    with pytest.raises(LinkLost, match="only_for_tests"):
        backend_of(session.link).make(session.link)


@pytest.mark.parametrize(
    ("trial", "url", "refused"),
    [(False, "http://sim", True), (True, "http://sim", False), (False, "", False)],
)
def test_a_simulator_is_refused_where_this_is_no_trial(
    settings: Settings, trial: bool, url: str, refused: bool
) -> None:
    settings.TRIAL, settings.SIMULATOR_URL = trial, url
    found = simulator_only_in_trial()
    assert [message.id for message in found] == (["sessions.E001"] if refused else [])
    assert all(message.hint for message in found)


# WhatsApp's own quota


def test_whatsapps_own_quota_is_beside_what_was_opened_today_and_its_end_is_when_chats_open_again(
    session: WhatsAppSession, limits: Limits
) -> None:
    opened_today(session, 10)
    some = replace(limits, left=5, left_until=at(30, 9))
    assert pacing.quota(some, now=MONDAY_NOON) == 15
    assert pacing.gate(some, now=MONDAY_NOON) == Gate()
    locked = replace(limits, left=0, left_until=at(23, 15))
    assert pacing.gate(locked, now=MONDAY_NOON) == Gate(warm_only=True, reopens=at(23, 15))
    opened_today(session, 190)
    assert pacing.gate(locked, now=MONDAY_NOON) == Gate(warm_only=True, reopens=at(24, 8))
    longer = replace(locked, left_until=at(30, 9))
    assert pacing.gate(longer, now=MONDAY_NOON) == Gate(warm_only=True, reopens=at(30, 9))
