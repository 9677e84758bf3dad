"""What ends beneath hosts in the middle of a campaign, the native library or PostgreSQL: work goes on by itself, and nobody is written to twice."""

from __future__ import annotations

import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.management import call_command
from django.db import connection
from environ import Env

from blu.jobs import queue
from blu.ops import dev_database, dev_secrets, ports
from sessions.models import Lease, Runner, WhatsAppSession
from sessions.states import State
from sessions.transports.direct.library import Library
from tests import factories
from tests.clients import Client
from tests.eventually import GENEROUS, eventually
from tests.forked import Fork, Forked, Tell
from tests.prepared import begin_with_tables
from tests.processes.conftest import free_port
from tests.processes.test_postgres import postmaster
from tests.sessions.driving.test_hosts_share import driven
from tests.sessions.simulator.multidevice.standard_clients import neonize_package
from tests.sessions.transports.direct.test_direct_fleet import fleet
from tests.sessions.transports.direct.test_direct_host import (
    begin,
    linked,
    new_session,
    run,
)
from tests.sessions.transports.direct.test_direct_host_faults import launched, settled, state_of
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

__all__ = ["begin", "fleet"]


def panicking(_tell: Tell) -> None:
    """A host whose fourth message comes to a library that is asked for a client that it doesn't have."""
    send, messages = Library.send, count(1)

    def sends(self: Library, name: str, to: bytes, message: bytes) -> Any:
        if next(messages) == 4:
            self.number_of("nobody", to)
        return send(self, name, to, message)

    Library.send = sends  # type: ignore[method-assign]
    call_command("run_host")


def web(_tell: Tell, port: int) -> None:
    """The web process, until SIGTERM."""
    serve_at = ("--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-control-socket")
    sys.argv = ["gunicorn", "blu.wsgi", *serve_at]
    runpy.run_module("gunicorn", run_name="__main__")


@pytest.fixture
def port(fork: Fork) -> int:
    """That of a web process."""
    port = free_port()
    fork(web, port)
    eventually(lambda: ports.answers("127.0.0.1", port, "/conta/entrar/"))
    return port


def page(port: int, path: str, client: Client) -> str:
    """A page of it, as somebody signed in sees it."""
    line = HTTPConnection("127.0.0.1", port, timeout=GENEROUS)
    try:
        cookies = client.cookies.output(header="", sep=";")
        line.request("GET", path, headers={"Cookie": cookies})
        answer = line.getresponse()
        assert answer.status == 200, (path, answer.status)
        return answer.read().decode()
    finally:
        line.close()


def test_a_crash_in_the_native_library_ends_one_host_and_neither_the_web_nor_the_other(
    begin: Callable[[], Forked],
    fork: Fork,
    fleet: Callable[[int], list[WhatsAppSession]],
    simulator: SimulatorProcess,
    device_store: str,
    port: int,
    client: Client,
) -> None:
    common = {"TIME_SCALE": 0.1, "DEVICE_STORE_URL": device_store, "simulator": simulator.url}
    crashing = fork(panicking, role="blu_host", **common)
    other = begin()
    sessions = fleet(4)
    eventually(lambda: driven() == [2, 2])
    member = factories.make_membership(business=sessions[0].business)
    client.force_login(member.user)
    for session in sessions:
        simulator.set_fault(session.phone, "receipt_first", seconds=1.0)
    campaigns = [launched(session, 8) for session in sessions]
    seen = sessions[0].business.address("campaign_detail", campaigns[0].pk)
    assert crashing.wait() == -signal.SIGABRT
    assert "panic: runtime error" in crashing.log
    assert campaigns[0].name in page(port, seen, client)
    for campaign in campaigns:
        settled(simulator, campaign)
    left = Runner.objects.get(pid=other.pid)
    eventually(lambda: Lease.objects.filter(runner=left).count() == len(sessions))
    eventually(lambda: {state_of(session) for session in sessions} == {State.ONLINE})


@pytest.fixture
def house(transactional_db: None, tmp_path: Path) -> Iterator[Path]:
    """The data folder of a PostgreSQL of the test's own; until its end it is the test's database."""
    var = tmp_path / "house"
    begin_with_tables(var)
    # What is committed outlasts a kill of the server, as always; a power cut would be another test.
    with (dev_database.data_folder(var) / "postgresql.auto.conf").open("a") as conf:
        conf.write("fsync = off\n")
    suite, own = dict(connection.settings_dict), Env.db_url_config(url_of(var, "blu_web"))
    connection.close()
    connection.settings_dict.update(own | {"OPTIONS": suite["OPTIONS"] | own["OPTIONS"]})
    yield var
    connection.close()
    connection.settings_dict.update(suite)


def url_of(var: Path, role: str) -> str:
    return dev_secrets.database_url(var, role)


def test_a_restart_of_postgresql_beneath_a_host_loses_and_repeats_nothing(
    house: Path,
    fork: Fork,
    simulator: SimulatorProcess,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its server is killed: whatever was under way there is gone, and each of the host's connections."""
    neonize_package()
    monkeypatch.setattr(queue, "enqueue", lambda *_args, **_to: "")
    stores = {"url": url_of(house, "blu_host"), "DEVICE_STORE_URL": url_of(house, "blu_store")}
    with dev_database.running(house):
        host = fork(run, simulator=simulator.url, TIME_SCALE=0.1, **stores)
        session = new_session(factories.make_user())
        linked(session, simulator, account)
        simulator.set_fault(account, "receipt_first", seconds=2.0)
        campaign = launched(session, 10)
        eventually(lambda: campaign.deliveries.filter(sent_at__isnull=False).count() >= 3)
        server = postmaster(house)
        left = server.children()
        server.kill()
        connection.close()
        psutil.wait_procs(left, GENEROUS)
    with dev_database.running(house):
        settled(simulator, campaign)
        eventually(lambda: state_of(session) == State.ONLINE)
        assert host.lives()
