"""Where devices of direct links lie: in a schema of a role that has nothing else, and which no other role may look into."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from blu.ops import dev_secrets
from sessions.events import Address, Incoming, Text
from sessions.interfaces import LinkLost
from sessions.models import Link
from sessions.transports.direct import backend, heard, protocol
from sessions.transports.direct.inbox import Inbox
from sessions.transports.direct.store import ALONE, APPLICATION, Store, StoreAway
from sessions.transports.direct.store_watch import StoreWatch
from tests.eventually import EVERY, GENEROUS, eventually
from tests.forked import Fork, Tell, stall
from tests.nodes.pooler import MISSING, store_pooler
from tests.sessions.linked_account import link, new_person, nothing, outgoing
from tests.sessions.transports.direct.conftest import Maker
from tests.simulator_process import SimulatorProcess

HOSTS, LINKS = 3, 4
WATCHED = """
SELECT 1 FROM pg_stat_activity
 WHERE usename = 'blu_store' AND query = 'SELECT 1' AND datname = current_database() AND backend_start > %s"""
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE usename = current_user AND pid <> pg_backend_pid() AND datname = current_database()"""
NO_TABLES = """
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'blu_store' LOOP
        EXECUTE 'DROP TABLE ' || one || ' CASCADE';
    END LOOP;
END $$
"""


@pytest.fixture
def store(device_store: str, home: str) -> Store:
    """With its tables, and nothing in them of this test's home."""
    store = Store(device_store)
    store.acknowledge([kept for kept, _number, _event in store.unacknowledged(home)])
    return store


def as_role(role: str) -> psycopg.Connection:
    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(dev_secrets.database_url(settings.VAR, role, database=name))


@pytest.mark.parametrize("role", ["blu_owner", "blu_web", "blu_jobs", "blu_host"])
def test_no_other_role_may_look_into_it(store: Store, role: str) -> None:
    store.bind("somebody's", "5511988887777:1@s.whatsapp.net")
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied")
    with as_role(role) as other, refused:
        other.execute("SELECT * FROM blu_store.direct_device")


def test_it_sees_nothing_of_the_ledger(device_store: str) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied")
    with psycopg.connect(device_store) as store, refused:
        store.execute("SELECT * FROM campaigns_delivery")


def test_what_was_kept_is_there_in_its_order_until_it_is_acknowledged(
    store: Store, home: str
) -> None:
    kept = [store.keep(home, 17, event) for event in (b"\0one", b"two", b"three")]
    assert store.unacknowledged("another") == []
    store.acknowledge(kept[:1])
    found = store.unacknowledged(home)
    assert [(number, event) for _kept, number, event in found] == [(17, b"two"), (17, b"three")]


def test_a_device_that_the_library_has_not_is_no_device(store: Store, home: str) -> None:
    store.bind(home, "5511988887777:9@s.whatsapp.net")
    assert store.device_of(home) == ""


def test_a_database_that_is_away_is_said_and_asked_again_when_it_is_back(
    store: Store, device_store: str, home: str
) -> None:
    kept = store.keep(home, 17, b"one")
    with psycopg.connect(device_store, autocommit=True) as other:
        other.execute(END_OTHERS)
    with pytest.raises(StoreAway):
        store.unacknowledged(home)
    assert [one for one, _number, _event in store.unacknowledged(home)] == [kept]


def ask_once_it_is_back(_tell: Tell, url: str, home: str) -> str:
    """Ask, have all connections ended until the watch has heard of it, and ask again."""
    store, heard = Store(url), Event()
    store.bind(home, "5511988887777:9@s.whatsapp.net")
    store.watch.add(heard.set)
    with psycopg.connect(url, autocommit=True) as other:
        while not heard.wait(EVERY):
            other.execute(END_OTHERS)
    store.forget(home)
    return "asked"


def test_what_was_heard_while_the_store_was_away_is_kept_though_its_link_closed_meanwhile(
    store: Store, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library has acknowledged it to WhatsApp: nobody tells it again."""
    said = Incoming(Address("+5511987654321"), "A1", Text("SAIR"), timezone.now())
    monkeypatch.setattr(heard, "incoming", lambda *_event: said)
    monkeypatch.setattr(heard, "echoed", lambda *_event: None)
    inbox = Inbox(None, store, home, lambda: None)
    tries: list[str] = []

    def away() -> psycopg.Connection:
        tries.append("again")
        raise psycopg.OperationalError

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(store, "_connected", away)
        store.close()
        hearing = Thread(target=inbox.on_event, args=(protocol.MESSAGE, b"SAIR"))
        hearing.start()
        eventually(lambda: tries)
        inbox.closed = True
        hearing.join(GENEROUS)
        assert not hearing.is_alive()
    again = Inbox(None, store, home, lambda: None)
    again.load()
    assert [event for _kept, event in again.events] == [said]


@pytest.mark.nodes
def test_after_a_restart_of_the_database_no_link_is_refused_what_it_asks_first(
    fork: Fork, device_store: str, home: str
) -> None:
    """It would be taken for one whose database is still away, and wait for half a minute more."""
    assert fork(ask_once_it_is_back, device_store, home).result() == "asked"


def hear_of_a_silent_one(tell: Tell, url: str, of_the_server: str) -> str:
    """Have the watch look by a pooler, say so, and wait until it has heard that nobody answers."""
    watch, heard = StoreWatch(url, lambda: None), Event()
    with psycopg.connect(of_the_server, autocommit=True) as other:
        begun = other.execute("SELECT clock_timestamp()").fetchone()
        watch.add(heard.set)
        eventually(lambda: other.execute(WATCHED, begun).fetchone())
    stall(tell, "watched")
    heard.wait()
    return "heard"


@pytest.mark.nodes
@pytest.mark.skipif(MISSING, reason="pgbouncer is missing: install it")
def test_a_pooler_that_has_nobody_to_answer_is_a_store_that_is_away(
    fork: Fork, device_store: str
) -> None:
    """It keeps the connections of those who ask while the server behind it is gone."""
    with store_pooler() as pooler:
        watching = fork(hear_of_a_silent_one, pooler.url, device_store)
        watching.stalls_at("watched")
        pooler.process.send_signal(signal.SIGSTOP)
        watching.send(signal.SIGUSR1)
        try:
            assert watching.result() == "heard"
        finally:
            pooler.process.send_signal(signal.SIGCONT)


@pytest.mark.nodes
def test_a_link_that_is_silent_holds_no_connection_and_sends_all_the_same(
    direct: Maker, simulator: SimulatorProcess, account: str, device_store: str
) -> None:
    transport = direct(idle=300)
    link(transport, simulator, account)

    def held() -> int:
        with psycopg.connect(device_store) as other:
            asked = (
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = %s"
            )
            (number,) = other.execute(asked, [APPLICATION]).fetchone() or (0,)
            return int(number)

    eventually(lambda: held() == 0)
    assert transport.send(outgoing(new_person()), nothing)


def open_links(_tell: Tell, host: int) -> str:
    """Open links that nobody has linked yet at once, as the threads of a host do; what became of each."""

    def opened(number: int) -> str:
        transport = backend.make(Link(home=f"first-{host}-{number}"), wake=lambda: None)
        try:
            return transport.open().link.value
        except LinkLost as lost:
            return lost.reason

    with ThreadPoolExecutor(LINKS) as pool:
        return " ".join(pool.map(opened, range(LINKS)))


@pytest.mark.nodes
def test_the_first_links_of_an_empty_store_are_opened_at_once_by_several_hosts(
    fork: Fork, simulator: SimulatorProcess, device_store: str
) -> None:
    with psycopg.connect(device_store, autocommit=True) as alone:
        alone.execute(NO_TABLES)
        with alone.transaction():
            # Whoever comes waits for this one, which makes nothing: then all go on at the same moment.
            alone.execute(ALONE)
            hosts = [
                fork(
                    open_links,
                    host,
                    role="blu_host",
                    simulator=simulator.url,
                    DEVICE_STORE_URL=device_store,
                )
                for host in range(HOSTS)
            ]
            waiting = (
                "SELECT count(*) = %s FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            eventually(lambda: alone.execute(waiting, [HOSTS]).fetchone() == (True,))
    for host in hosts:
        assert host.hears().split() == ["needs_pairing"] * LINKS, host.log
