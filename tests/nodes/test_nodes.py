"""Who is there, who may use a name, and where a session goes: by the database's clock."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now

from blu.dispatch import dispatcher
from blu.jobs import queue
from sessions import checks
from sessions.driving import nodes
from sessions.models import Lease, Link, Node
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


def test_free_slots_are_those_without_a_lease() -> None:
    _node("a", slots=3)
    session = factories.make_session(factories.make_business())
    Lease.objects.filter(session=session).update(node="a", expires_at="2100-01-01T00:00Z")
    assert nodes.standings()["a"].free == 2


def test_a_silence_ends_a_nodes_steady_life() -> None:
    token = _node("a")
    before = Node.objects.get().steady_since
    nodes.beat(token)
    assert Node.objects.get().steady_since == before
    Node.objects.update(seen_at=Now() - timedelta(seconds=nodes.LATE + 1))
    nodes.beat(token)
    assert Node.objects.get().steady_since > before


def test_links_made_while_all_is_quiet_are_spread_over_the_nodes() -> None:
    _node("a")
    _node("b")
    business = factories.make_business()
    for _number in range(4):
        factories.make_session(business, node=nodes.for_pairing(""))
    homes = Link.objects.values_list("node", flat=True)
    assert sorted(homes) == ["a", "a", "b", "b"]


def test_what_a_gone_node_had_in_hand_is_given_back() -> None:
    _node("b", silence=nodes.gone_after() + 1)
    queue.enqueue("blu.tasks.run_import", 1, cluster="jobs@b")
    assert dispatcher.tidy_gone_nodes() == 1
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
