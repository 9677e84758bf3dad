"""What every test may use: the embedded PostgreSQL, and the database as other processes see it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from blu.accounts.models import Membership, User
from blu.jobs import queue
from blu.ops import dev_database, dev_secrets
from blu.ops.dev_database_account import PostgresFailed
from tests import hours, prepared, support
from tests.chromium import Chromium, start_chromium
from tests.clients import Client
from tests.eventually import eventually
from tests.factories import confirm, make_membership, make_user

ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ("tests.lanes", "tests.fast_imports", "tests.forked")

# A loaded machine is no fault of the code: what is drawn and tried is judged, not how quickly.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")

_server = pytest.StashKey[ExitStack]()
_folder = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """The folders of this run's tests lie below one of its own.

    Pytest's usual one is all runs' of a user, and each that begins closes it to other accounts: so to
    root's PostgreSQL, which another run may just be making below it.
    """
    if config.option.basetemp is None:
        config.stash[_folder] = tempfile.mkdtemp(prefix="blu-test-tmp-")
        config.option.basetemp = config.stash[_folder]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start one embedded PostgreSQL for the whole run, in the process that all workers come from."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    stack = session.config.stash[_server] = ExitStack()
    try:
        stack.enter_context(dev_database.running(settings.VAR, durable=False))
    except PostgresFailed as failed:
        pytest.exit(str(failed), 2)
    Thread(target=_migrate, name="migrate", daemon=True).start()


MIGRATED = settings.VAR / "migrated"


def _migrate() -> None:
    """Make the tables once, in the server's own database, of which each worker takes a copy.

    What went wrong stands in the file MIGRATED, which is there once it has ended.
    """
    done = subprocess.run(
        [sys.executable, "manage.py", "make_tables", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    failed = done.stderr[-2000:] if done.returncode else ""
    if not failed:
        try:
            prepared.prepare()
        except (AssertionError, OSError) as error:
            failed = str(error)
    draft = MIGRATED.with_suffix(".draft")
    draft.write_text(failed, encoding="utf-8")
    draft.rename(MIGRATED)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Before the first test, so that none is measured by it."""
    if not session.config.option.collectonly:
        eventually(MIGRATED.exists)
        if failed := MIGRATED.read_text(encoding="utf-8"):
            pytest.exit(f"the test database could not be migrated:\n{failed}", 2)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> None:
    """This worker's own database: a copy of the one that was migrated. It goes with the server."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'blu')}"
    with django_db_blocker.unblock():
        with psycopg.connect(_owner_url("postgres"), autocommit=True) as other:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            other.execute(copy.format(*map(sql.Identifier, (name, dev_secrets.DATABASE_NAME))))
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


# Deleted, not truncated: a table of a test has a few rows, and its file is not made anew. Who still
# writes, as a process that was just killed, is waited for.
EMPTY = """
DO $$
DECLARE tables text[] := ARRAY(
    SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'
       AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission'));
    one text;
BEGIN
    EXECUTE 'LOCK TABLE ' || array_to_string(tables, ', ') || ' IN SHARE ROW EXCLUSIVE MODE';
    FOREACH one IN ARRAY tables LOOP EXECUTE 'DELETE FROM ' || one; END LOOP;
END $$
"""


@cache
def _emptier() -> psycopg.Connection:
    """This worker's own connection for it: one that knows the tables takes an eighth of a new one's time."""
    url = dev_database.superuser_url(settings.VAR, str(connection.settings_dict["NAME"]))
    return psycopg.connect(url, options="-c session_replication_role=replica", autocommit=True)


def _empty_tables(_case: TransactionTestCase) -> None:
    """Take away all that a test has committed; no trigger of the ledger is asked."""
    _emptier().execute(EMPTY)


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it, and take away its data folder, which tests/settings.py made, and those of the tests."""
    if server := config.stash.get(_server, None):
        server.close()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(settings.VAR, ignore_errors=True)
    if folder := config.stash.get(_folder, None):
        shutil.rmtree(folder, ignore_errors=True)


def _owner_url(database: str) -> str:
    return dev_secrets.database_url(settings.VAR, "blu_owner", database=database)


@pytest.fixture(scope="session")
def env_of_database(django_db_setup: None) -> Callable[[Path], dict[str, str]]:
    """Gives the environment of real processes that work on this worker's database, as role blu_web.

    Their data folder is the given one; a simulator is there once BLU_SIMULATOR_URL is added.
    """

    def make(var: Path) -> dict[str, str]:
        name = str(connection.settings_dict["NAME"])
        kept = {
            key: os.environ[key] for key in ("PATH", "HOME", "BLU_BROWSER") if key in os.environ
        }
        return kept | {
            "DJANGO_SETTINGS_MODULE": "blu.settings",
            "DATABASE_URL": dev_secrets.database_url(settings.VAR, "blu_web", database=name),
            "BLU_JOBS_DATABASE_URL": dev_secrets.database_url(
                settings.VAR, "blu_jobs", database=name
            ),
            "BLU_OWNER_DATABASE_URL": dev_secrets.database_url(
                settings.VAR, "blu_owner", database=name
            ),
            "BLU_HOST_DATABASE_URL": dev_secrets.database_url(
                settings.VAR, "blu_host", database=name
            ),
            "BLU_VAR": str(var),
            "BLU_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
            "SECRET_KEY": settings.SECRET_KEY,
            "BLU_ERASURE_KEY": settings.ERASURE_KEY,
            "BLU_TRIAL": "1",
            "PYTHONUNBUFFERED": "1",
        }

    return make


@pytest.fixture
def database_env(
    transactional_db: None, env_of_database: Callable[[Path], dict[str, str]], tmp_path: Path
) -> dict[str, str]:
    """That of the processes of one test, in a folder of its own."""
    return env_of_database(tmp_path / "var")


@pytest.fixture(scope="session")
def device_store(django_db_setup: None) -> str:
    """Where direct links have their devices."""
    name = str(connection.settings_dict["NAME"])
    return dev_secrets.database_url(settings.VAR, "blu_store", database=name)


@pytest.fixture
def as_blu_web(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection to the test's database as the role of the web and its workers; autocommits."""
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(settings.VAR, "blu_web", database=name)
    with psycopg.connect(url, autocommit=True) as other:
        yield other


@pytest.fixture
def client() -> Client:
    """Nobody's browser yet."""
    return Client()


@pytest.fixture
def owner(client: Client) -> Membership:
    """The owner of a business, signed in, whose address is proven."""
    membership = make_membership(user=confirm(make_user()))
    client.force_login(membership.user)
    support.confirm_again(client, membership.user)
    return membership


@pytest.fixture(scope="session")
def worker_chromium() -> Iterator[Chromium]:
    """The one Chromium of this worker's tests."""
    with start_chromium() as chromium:
        yield chromium


@pytest.fixture
def one_day() -> None:
    """What the test counts of a day is of one: midnight does not pass meanwhile."""
    hours.wait_out_midnight()


@pytest.fixture
def unworn_tables(db: None) -> None:
    """The tables of businesses and their indexes without pages: a planner counts those that earlier tests left.

    Asked for by `usefixtures`, so before the test has rows; with the test's transaction all is as it was.
    """
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_business CASCADE")


@pytest.fixture
def staff(client: Client) -> User:
    """A superuser of the support, signed in as the admin asks for it."""
    user = make_user("suporte@blu.com.br", is_staff=True, is_superuser=True)
    return support.sign_in(client, user)


Enqueued = list[tuple[str, tuple[object, ...]]]


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Enqueued:
    """The tasks that were enqueued, with their arguments; none of them runs."""
    tasks: Enqueued = []
    monkeypatch.setattr(queue, "enqueue", lambda task, *args, **_to: tasks.append((task, args)))
    return tasks


@pytest.fixture
def _django_db_helper(_django_db_helper: None) -> Iterator[None]:
    """What a test that really commits has counted and kept is gone with its rows.

    The tables of caches are no model's, so Django does not empty them.
    """
    yield
    if not connection.in_atomic_block:
        for one in caches.all():
            one.clear()


@pytest.fixture(autouse=True)
def _in_portuguese() -> Iterator[None]:
    """A request leaves its language active in its thread, which a next test would inherit, and what is made for it."""
    yield
    translation.deactivate()
