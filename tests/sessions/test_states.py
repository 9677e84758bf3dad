"""One table says how a link's state may move; nothing writes another move, and each state has its words."""

import ast
from itertools import product

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.template.loader import get_template

from blu.web.status_badges import SESSION
from campaigns.alerts import session_problems
from sessions import health, models
from sessions.driving import history, link_losses
from sessions.events import Link
from sessions.interfaces import LeaseLost, LinkLost
from sessions.models import SessionEvent, WhatsAppSession
from sessions.states import AWAY, LIMITED, MOVES, UNPROVEN, URGENCY, WELL, State, state_of
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.initial_states import born
from tests.leasing import hold


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(factories.make_business())


def test_raw_sql_makes_the_moves_of_the_table_and_no_other(session: WhatsAppSession) -> None:
    made = set()
    for old, new in product(State, State):
        factories.lead(session, old)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE wa_sessions_link SET state = %s", [str(new)])
        except IntegrityError:
            continue
        made.add((old, new))
    assert made == {(old, new) for old in State for new in (old, *MOVES[old])}


def test_a_link_begins_unlinked_by_raw_sql_too(session: WhatsAppSession) -> None:
    values = {"home": "outra-casa", "state_until": None}
    assert born(session.link, "state", State, **values) == {State.UNLINKED}


def test_set_state_makes_no_move_that_is_not_in_the_table(session: WhatsAppSession) -> None:
    factories.lead(session, State.BANNED)
    assert not history.set_state(session.link.pk, State.ONLINE)
    session.refresh_from_db()
    assert session.state == State.BANNED
    assert not SessionEvent.objects.exists()


def test_a_code_that_nobody_knows_never_keeps_a_state_from_being_written(
    session: WhatsAppSession,
) -> None:
    token = hold(session.pk)
    code = "account_locked_by_the_server_131031" * 3
    lost = LinkLost(code + "\0", Link.LOGGED_OUT, params={"said": "Oops\0" * 100})
    link_losses.record(token, lost)
    session.refresh_from_db()
    assert session.state == State.LOGGED_OUT
    assert code.startswith(session.explanation)
    assert SessionEvent.objects.get().reason == session.state_reason
    history.note(session.link, code)


def test_a_state_nobody_knows_and_a_time_that_ends_nothing_are_refused(
    session: WhatsAppSession,
) -> None:
    for wrong in ({"state": "sleeping"}, {"state_until": "2026-12-01T00:00:00Z"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Link.objects.update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_who_loses_the_lease_while_it_writes_a_state_writes_none() -> None:
    session = factories.make_session(factories.make_business())
    token = hold(session.pk)
    with owner_connection() as line:
        line.execute("SELECT FROM wa_sessions_lease FOR UPDATE")
        line.execute("UPDATE wa_sessions_lease SET fence = fence + 1")
        writer = Beside(lambda: history.set_state(session.link.pk, State.CONFLICT, token=token))
        writer.waits()
        line.commit()
        with pytest.raises(LeaseLost):
            writer.result()
    session.refresh_from_db()
    assert session.state == State.RESTING
    assert not SessionEvent.objects.exists()


def test_only_set_state_writes_the_column() -> None:
    writers = {}
    for app in ("sessions", "campaigns", "blu"):
        for path in sorted((settings.BASE / app).rglob("*.py")):
            if "migrations" in path.parts or "simulator" in path.parts:
                continue
            source = path.read_text("utf-8")
            found = [
                node.lineno
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("update", "bulk_update", "save")
                and any(
                    word.arg == "state" or "state" in ast.dump(word.value)
                    for word in node.keywords
                    if word.arg in ("state", "update_fields")
                )
            ]
            if found or "SET state = " in source:
                writers[path.relative_to(settings.BASE).as_posix()] = found
    assert set(writers) == {"sessions/driving/history.py"}


def test_every_word_of_a_transport_about_the_link_is_a_state() -> None:
    assert {state_of(link) for link in Link} <= set(State)
    assert state_of(Link.NEEDS_PAIRING) == State.LOGGED_OUT


def test_every_state_has_its_badge_its_page_and_its_place_among_the_urgent() -> None:
    shown = {*State, UNPROVEN, LIMITED}
    assert set(SESSION) == shown == set(URGENCY)
    for state in shown:
        assert get_template(f"sessions/states/{state}.html")


@pytest.mark.parametrize("state", [*AWAY, State.UNLINKED, State.PAIRING])
def test_every_state_that_sends_nothing_says_what_what_for_and_what_to_do(
    session: WhatsAppSession, state: State
) -> None:
    factories.lead(session, state)
    words = session_problems.problem_of(session)
    assert words is not None
    assert all(words)
    assert session.name in words.title


def test_a_link_that_is_well_has_no_problem(session: WhatsAppSession) -> None:
    for state in WELL:
        factories.lead(session, state)
        assert health.is_well(session)
        assert session_problems.problem_of(session) is None


def test_stopped_is_linked_waits_for_its_time_and_is_no_way_to_pair() -> None:
    stopped = State.STOPPED
    assert (stopped.is_linked, stopped.is_visited_in_time, stopped.is_visited) == (
        True,
        True,
        False,
    )
    assert not stopped.may_pair
