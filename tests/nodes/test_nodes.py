"""Who is there, who may use a name, and where a session goes: by the database's clock."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django_q.models import OrmQ

from blu import rounds
from blu.lib import queue
from sessions import checks, nodes
from sessions.models import Lease, Node, State, WhatsAppSession
from sessions.nodes import Placement, Standing
from tests import factories

pytestmark = pytest.mark.django_db


def _node(name: str, *, silence: float = 0, stopped: bool = False, slots: int = 2) -> UUID:
    token = uuid4()
    Node.objects.create(name=name, slots=slots, token=token, stopped=stopped, host="elsewhere:8000")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE wa_sessions_node SET seen_at = statement_timestamp() - make_interval(secs => %s)"
            " WHERE name = %s",
            [silence, name],
        )
    return token


def test_a_second_node_of_the_same_name_is_refused_in_one_line() -> None:
    _node("a")
    with pytest.raises(nodes.NameTaken) as refused:
        nodes.claim(uuid4(), wait=0)
    assert str(refused.value).startswith("another node called 'a' is running on elsewhere:8000")
    assert "\n" not in str(refused.value)


def test_a_name_is_free_after_a_stop_or_a_silence() -> None:
    _node("a", stopped=True)
    nodes.claim(uuid4(), wait=0)
    Node.objects.all().delete()
    _node("a", silence=nodes.SILENT + 1)
    token = uuid4()
    nodes.claim(token, wait=0)
    nodes.claim(token, wait=0)
    assert nodes.beat(token) is not None


def test_whoever_lost_the_name_hears_it_at_the_next_sign_of_life() -> None:
    first = _node("a", silence=nodes.SILENT + 1)
    nodes.claim(uuid4(), wait=0)
    assert nodes.beat(first) is None
    nodes.leave(first)
    assert not Node.objects.get(name="a").stopped


def test_a_node_is_present_then_late_then_gone() -> None:
    _node("here")
    _node("late", silence=nodes.LATE + 1)
    _node("gone", silence=nodes.gone_after() + 1)
    _node("stopped", stopped=True)
    known = {name: (each.present, each.gone) for name, each in nodes.standings().items()}
    assert known == {
        "here": (True, False),
        "late": (False, False),
        "gone": (False, True),
        "stopped": (False, False),
    }


def test_free_slots_are_those_without_a_lease_or_a_waiting_visit() -> None:
    _node("a", slots=3)
    session = factories.make_session(factories.make_business())
    Lease.objects.filter(session=session).update(node="a", expires_at="2100-01-01T00:00Z")
    queue.enqueue("blu.tasks.visit", 1, cluster=queue.browser_cluster("a"))
    assert nodes.standings()["a"].free == 1


def _placement(*, steady: bool = True, **free: int) -> Placement:
    known = {name: Standing(name, slots, present=True, gone=False) for name, slots in free.items()}
    known["late"] = Standing("late", 9, present=False, gone=False)
    known["gone"] = Standing("gone", 9, present=False, gone=True)
    return Placement(known, steady=steady)


def test_a_session_without_a_home_goes_where_most_slots_are_free() -> None:
    place = _placement(a=1, b=3)
    assert [place.choose("") for _session in range(5)] == ["b", "b", "a", "b", None]


def test_links_made_while_all_is_quiet_are_spread_over_the_nodes() -> None:
    _node("a")
    _node("b")
    business = factories.make_business()
    for _number in range(4):
        factories.make_session(business, node=nodes.for_pairing(""))
    homes = WhatsAppSession.objects.values_list("node", flat=True)
    assert sorted(homes) == ["a", "a", "b", "b"]


def test_a_session_stays_with_its_home_even_when_that_is_full() -> None:
    place = _placement(a=1, b=3)
    assert [place.choose("a") for _session in range(2)] == ["a", None]


def test_a_session_waits_for_a_late_node_and_moves_from_one_that_is_gone() -> None:
    assert _placement(a=1).choose("late") is None
    assert _placement(a=1).choose("gone") == "a"
    assert _placement(a=1).choose("never heard of") == "a"


def test_after_an_outage_of_the_database_nobody_is_taken_for_gone_too_early() -> None:
    assert _placement(a=1, steady=False).choose("gone") is None


def test_only_what_finds_a_slot_is_rung_for() -> None:
    _node("a", slots=1)
    business = factories.make_business()
    sessions = [factories.make_session(business) for _number in range(3)]
    assert rounds.ring_sessions() == 1
    rung = WhatsAppSession.objects.filter(rung_at__isnull=False).values_list("pk", flat=True)
    assert list(rung) == [sessions[0].pk]


def test_sending_goes_before_looking_for_replies() -> None:
    _node("a", slots=1)
    business = factories.make_business()
    factories.make_session(business)
    campaign = factories.make_campaign(business, status="running")
    factories.make_delivery(campaign)
    rounds.ring_sessions()
    assert WhatsAppSession.objects.get(rung_at__isnull=False).pk == campaign.session_id


def test_what_a_gone_node_had_in_hand_is_given_back() -> None:
    _node("b", silence=nodes.gone_after() + 1)
    queue.enqueue("blu.tasks.run_import", 1, cluster="jobs@b")
    assert rounds.tidy_gone_nodes() == 1
    assert nodes.for_pairing("b") == "b"
    _node("c")
    assert nodes.for_pairing("b") == "c"


@pytest.mark.parametrize(
    ("name", "fine"), [("a", True), ("sala-2", True), ("", False), ("a b", False), ("a@b", False)]
)
def test_a_name_that_would_break_queues_is_refused_by_a_check(
    settings: Any, name: str, fine: bool
) -> None:
    settings.NODE = name
    assert (checks.node_has_a_plain_name() == []) is fine


def test_a_browser_session_is_bound_and_a_simulated_session_is_not() -> None:
    _node("a", slots=5)
    _node("b", slots=1)
    business = factories.make_business()
    made = [
        factories.make_session(business, transport=transport, node="b", state=State.RESTING)
        for transport in ("browser", "simulated")
    ]
    rounds.ring_sessions()
    rung = {row.task["args"][0]: row.key for row in OrmQ.objects.all()}
    assert rung == {made[0].pk: "browser-b", made[1].pk: "browser-a"}
