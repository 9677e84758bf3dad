"""Where devices of direct links lie: in a schema of a role that has nothing else, and which no other role may look into."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from blu.ops import dev_secrets
from sessions.transports.direct.store import APPLICATION, Store, StoreAway
from tests.eventually import eventually
from tests.sessions.linked_account import link, new_person, nothing, outgoing
from tests.sessions.transports.direct.conftest import Maker
from tests.simulator_process import SimulatorProcess


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
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid() AND datname = current_database()"
        )
    with pytest.raises(StoreAway):
        store.unacknowledged(home)
    assert [one for one, _number, _event in store.unacknowledged(home)] == [kept]


@pytest.mark.nodes
def test_a_link_that_is_silent_holds_no_connection_and_sends_all_the_same(
    direct: Maker, simulator: SimulatorProcess, account: str, device_store: str
) -> None:
    transport = direct(idle=300)
    link(transport, simulator, account)

    def held() -> int:
        with psycopg.connect(device_store) as other:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            (number,) = other.execute(asked, [APPLICATION]).fetchone() or (0,)
            return int(number)

    eventually(lambda: held() == 0)
    assert transport.send(outgoing(new_person()), nothing)
