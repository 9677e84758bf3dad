"""A phone with four linked devices takes no fifth, and says so to nobody but its owner: the page says which to remove, and its code stays good."""

from __future__ import annotations

import pytest
from django.utils import timezone

from blu.jobs import queue
from sessions.driving import runners
from sessions.linking import moves
from sessions.models import LinkMove, Pairing, WhatsAppSession
from sessions.simulator.client import CallRefused
from tests import factories
from tests.clients import Client
from tests.eventually import SELDOM, eventually
from tests.forked import Forked
from tests.sessions.linked_session import link_to
from tests.sessions.transports.direct.test_direct_host import begin, host, session
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

__all__ = ["begin", "host", "session"]

QR = '<img class="qr"'
NO_ROOM = "Se o celular disser que não cabe mais um"


def signed_in(client: Client, session: WhatsAppSession) -> None:
    user = factories.confirm(factories.make_user())
    client.force_login(factories.make_membership(business=session.business, user=user).user)


def devices(simulator: SimulatorProcess, account: str) -> list[str]:
    return [str(one["device"]) for one in simulator.phone(account)["devices"]]


def scanned(
    client: Client, session: WhatsAppSession, simulator: SimulatorProcess, account: str, page: str
) -> str:
    """Have the full phone read the code of the page, then once more with one device less; the page between."""
    client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr"})
    link = moves.link_to_pair(session)

    def code() -> str:
        return Pairing.objects.filter(link=link, status=Pairing.Status.SHOWING).latest("pk").code

    eventually(lambda: QR in client.get(page).content.decode())
    full = devices(simulator, account)
    assert len(full) == 4
    with pytest.raises(CallRefused, match="too_many_devices"):
        simulator.scan(code(), account)
    between = client.get(page).content.decode()
    assert devices(simulator, account) == full
    simulator.unlink(account, full[-1])
    simulator.scan(code(), account)
    eventually(lambda: Pairing.objects.filter(link=link, status=Pairing.Status.LINKED).exists())
    return between


def test_a_first_link_to_a_full_phone_says_what_may_go_and_goes_on_with_the_code_it_shows(
    host: Forked, session: WhatsAppSession, simulator: SimulatorProcess, account: str, client: Client
) -> None:  # fmt: skip
    signed_in(client, session)
    for number in range(4):
        link_to(simulator, f"first-{number}", account)
    page = f"/whatsapp/{session.pk}/conectar/"
    between = scanned(client, session, simulator, account, page)
    assert QR in between
    assert NO_ROOM in between
    assert "remova um que ninguém usa" in between
    assert NO_ROOM not in client.get(page).content.decode()


def test_a_move_on_a_full_phone_says_which_device_is_the_one_that_sends(
    host: Forked,
    simulator: SimulatorProcess,
    account: str,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "enqueue", lambda *_args, **_to: "")
    session = factories.make_session(
        factories.make_business(), transport="browser", phone=account, terms_accepted_at=timezone.now()
    )  # fmt: skip
    signed_in(client, session)
    for home in (session.link.home, "second-1", "second-2", "second-3"):
        link_to(simulator, home, account)
    page = f"/whatsapp/{session.pk}/mudar/"
    eventually(runners.host_lives)
    client.post(page)
    between = scanned(client, session, simulator, account, page)
    assert QR in between
    assert NO_ROOM in between
    assert between.index("Google Chrome (Linux)") < between.index("É o blü, enviando agora")
    assert "Pode remover" in between
    eventually(lambda: LinkMove.objects.get(session=session).has_switched, every=SELDOM)
