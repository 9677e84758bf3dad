"""A host sends as many messages of one link at once as its kind says, each once, and settles each."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from campaigns.models import Campaign, Delivery
from sessions.driving.drive import OneByOne
from sessions.driving.host import Host
from sessions.models import Lease, Link
from sessions.registry import BACKENDS, PacingProfile
from tests.cloud.line import CLOUD, IN_FLIGHT
from tests.cloud.queued import api, count, queue
from tests.cloud.server import Api
from tests.eventually import GENEROUS, eventually
from tests.sessions.driving.test_host_looks import driven, host, quick

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["api", "driven", "host", "quick"]

MESSAGES = 10 * IN_FLIGHT


@pytest.mark.parametrize("pacing", ["real", "trial"])
def test_as_many_are_under_way_at_once_as_the_kind_says_and_each_is_sent_once(
    api: Api, driven: Callable[[], Any], pacing: str
) -> None:
    # No message is answered before all that may be are there: fewer at once would never be.
    api.answers = threading.Barrier(IN_FLIGHT, timeout=GENEROUS).wait
    queue(MESSAGES, pacing=pacing)
    driven()
    eventually(lambda: count(status="sent") == MESSAGES)
    assert api.most == IN_FLIGHT
    assert len(api.taken) == len({to for to, _id in api.taken}) == MESSAGES
    kept = Delivery.objects.values_list("phone", "message_id")
    assert {(phone.lstrip("+"), message_id) for phone, message_id in kept} == set(api.taken)
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
    eventually(lambda: Campaign.objects.get().status == Campaign.Status.DONE)


def test_a_kind_that_is_paced_as_a_phone_sends_one_after_the_other(
    api: Api, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_a_phone = replace(CLOUD, default_pacing=PacingProfile.PHONE)
    monkeypatch.setitem(BACKENDS, "cloud", as_a_phone)
    session = queue(1, pacing="real")
    host._look()
    for hosted in host._due():
        host._step(hosted)
    (hosted,) = host._links.values()
    assert hosted.drive is not None
    assert isinstance(hosted.drive.flow, OneByOne)
    host._close(hosted)
    assert Lease.objects.get(session=session).runner_id is None


def test_a_stop_waits_for_what_is_under_way_and_gives_the_link_back(api: Api, host: Host) -> None:
    arrived, may_answer = threading.Semaphore(0), threading.Event()

    def answers() -> None:
        arrived.release()
        may_answer.wait(GENEROUS)

    api.answers = answers
    queue(MESSAGES)
    stop = threading.Event()
    running = threading.Thread(target=host.run, args=(stop,))
    running.start()
    for _number in range(IN_FLIGHT):
        assert arrived.acquire(timeout=GENEROUS)
    stop.set()
    (hosted,) = host._links.values()
    eventually(lambda: hosted.busy)  # with its end
    assert Lease.objects.get().runner_id is not None
    may_answer.set()
    running.join(GENEROUS)
    assert (count(status="sent"), count(status="queued")) == (IN_FLIGHT, MESSAGES - IN_FLIGHT)
    assert Lease.objects.get().runner_id is None


def test_what_one_message_finds_out_ends_the_link_once_the_others_are_settled(
    api: Api, driven: Callable[[], Any], host: Host
) -> None:
    together, may_answer = threading.Barrier(IN_FLIGHT, timeout=GENEROUS), threading.Event()

    def answers() -> None:
        if together.wait() == 0:
            raise PermissionError
        may_answer.wait(GENEROUS)

    api.answers = answers
    queue(MESSAGES)
    driven()
    eventually(lambda: Link.objects.get().state == "logged_out")
    assert Lease.objects.get().runner_id is not None
    may_answer.set()
    eventually(lambda: not host._links)
    assert Lease.objects.get().runner_id is None
    # The one that was refused was on the wire: nobody but a receipt or a person knows what became of it.
    assert (count(status="sent"), count(status="uncertain")) == (IN_FLIGHT - 1, 1)
    assert count(status="queued") == MESSAGES - IN_FLIGHT


def test_an_opening_forgets_the_limits_of_the_links_before(api: Api, host: Host) -> None:
    """They may have been of another kind: no phone is driven by the pace of an API."""
    session = queue(1, pacing="real")
    forgotten: list[int] = []
    host.forget = forgotten.append
    host._look()
    for hosted in host._due():
        host._step(hosted)
    assert forgotten == [session.pk]
    host._close(hosted)
