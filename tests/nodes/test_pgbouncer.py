"""Pages work behind PgBouncer in transaction mode: no page leaves anything of its connection behind.

A real gunicorn answers four people at once over one connection of the database. Whoever adds a prepared
statement, a server-side cursor, a session's lock, LISTEN or SET to what a page runs fails here.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from blu.db import prepared_sql
from blu.ops import ports
from campaigns.models import Campaign, Reply
from contacts.models import Import
from tests import factories, support
from tests.clients import Client
from tests.eventually import GENEROUS, eventually
from tests.isolation import declared
from tests.isolation.world import World, make_world
from tests.nodes.pooler import MISSING, Pooler, left_behind, pooler, watched
from tests.processes.conftest import free_port

AT_ONCE = 4
SHEET = "Nome,WhatsApp\nAna,11 98888-7777\n"

pytestmark = [
    pytest.mark.nodes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(MISSING, reason="pgbouncer is missing: install it"),
]


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in, whose every request is a connection of its own."""

    port: int
    cookies: str
    csrf: str

    def ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
        """(status, page) of one request; a file among the data goes as forms send files."""
        headers = {"Cookie": self.cookies, "X-CSRFToken": self.csrf}
        body: bytes | None = None
        if method == "POST":
            files = any(hasattr(value, "read") for value in (data or {}).values())
            body = encode_multipart(BOUNDARY, data) if files else urlencode(data or {}).encode()
            kind = MULTIPART_CONTENT if files else "application/x-www-form-urlencoded"
            headers |= {"Content-Type": kind}
        line = HTTPConnection("127.0.0.1", self.port, timeout=GENEROUS)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            line.close()

    def fine(self, method: str, path: str, data: dict[str, Any] | None = None) -> str:
        """The page, or the failure of the test where the server failed."""
        status, page = self.ask(method, path, data)
        assert status < 500, f"{method} {path}: {status} {_title(page)}"
        return page


def _title(page: str) -> str:
    found = re.search(r'<pre class="exception_value">(.*?)</pre>', page, re.DOTALL)
    return found.group(1) if found else page[:300]


@pytest.fixture(scope="module")
def watching(django_db_setup: None) -> Iterator[None]:
    """The database notes what is left behind; what it noted goes with each test's rows."""
    with watched():
        yield


@pytest.fixture
def through(watching: None) -> Iterator[str]:
    """The URL of the database through a pooler of the test's own.

    What is noted after its last transaction comes a moment later: that must not be the next test's.
    """
    with pooler() as own:
        with psycopg.connect(own.url, prepare_threshold=None) as page:
            (backend,) = page.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        yield own.url
    eventually(lambda: not _is_there(backend))


def _is_there(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
        return cursor.fetchone() is not None


@pytest.fixture(scope="module")
def shared(watching: None) -> Iterator[Pooler]:
    """The pooler before the database of the web process."""
    with pooler() as shared:
        yield shared


@pytest.fixture(scope="module")
def port(
    shared: Pooler,
    env_of_database: Callable[[Path], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[int]:
    """A web process as `manage.py up` starts it, with the pooler before its database."""
    port, folder = free_port(), tmp_path_factory.mktemp("pooled")
    own = {"DATABASE_URL": shared.url, "BLU_PORT": str(port)}
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "blu.wsgi", "--bind", f"127.0.0.1:{port}",
             "--threads", str(AT_ONCE), "--no-control-socket"],
            cwd=settings.BASE, env=env_of_database(folder / "var") | own,
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        eventually(lambda: ports.answers("127.0.0.1", port, "/conta/entrar/"))
        yield port
    finally:
        process.terminate()
        process.wait(GENEROUS)


@pytest.fixture
def world() -> World:
    return make_world("jabuticaba")


def visitor_of(client: Client, port: int) -> Visitor:
    csrf = _get_new_csrf_string()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Visitor(
        port,
        f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}",
        csrf,
    )


@pytest.fixture
def owner(client: Client, world: World, port: int) -> Visitor:
    user = factories.confirm(world.membership.user)
    client.force_login(user)
    support.confirm_again(client, user)
    return visitor_of(client, port)


def addresses(world: World) -> list[str]:
    return [world.address(route) for route in declared.ROUTES]


def all_at_once(visitor: Visitor, method: str, paths: list[str]) -> None:
    """Every address, several at a time, so that pages meet on the one connection; each is looked at after it."""
    with ThreadPoolExecutor(AT_ONCE) as visitors:
        list(visitors.map(lambda path: visitor.fine(method, path), paths))


def server_connections() -> int:
    """How many connections of the database the pages have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'blu_web' AND datname = current_database()"
        )
        (count,) = cursor.fetchone()
        return int(count)


def test_every_page_of_a_business_works_over_one_shared_connection(
    owner: Visitor, world: World
) -> None:
    assert world.business.name in owner.fine("GET", world.address("dashboard"))
    all_at_once(owner, "GET", addresses(world))
    assert server_connections() == 1
    assert left_behind() == set()


def test_every_address_takes_a_form_over_one_shared_connection(
    owner: Visitor, world: World
) -> None:
    """Each as it comes, empty: what is deleted by one is a 404 to the next."""
    all_at_once(owner, "POST", addresses(world))
    assert left_behind() == set()


def test_a_business_works_through_the_pooler(owner: Visitor, world: World, tmp_path: Path) -> None:
    """Settings, a spreadsheet, a draft, its launch and an answer: what was asked for is done."""
    form = {"name": "Clínica Nova", "time_zone": "America/Manaus", "default_area_code": "92"}
    owner.fine("POST", world.address("business_edit"), form)
    world.business.refresh_from_db()
    assert world.business.name == "Clínica Nova"

    (tmp_path / "pessoas.csv").write_text(SHEET)
    with (tmp_path / "pessoas.csv").open("rb") as sheet:
        owner.fine("POST", world.address("import_new"), {"file": sheet})
    assert Import.objects.filter(business=world.business, file_name="pessoas.csv").exists()

    keys = world.keys
    text = {"name": "Agenda", "body": "Olá!", "acao": "salvar"}
    chosen = {"topic": keys["topic"], "session": keys["session"], "segment": ""}
    owner.fine("POST", world.address("campaign_edit"), text | chosen)
    campaign = Campaign.objects.get(pk=keys["draft"])
    assert campaign.body == "Olá!"
    page = owner.fine("GET", world.address("campaign_confirm"))
    [seen] = re.findall(r'name="versao" value="([^"]*)"', page)
    owner.fine("POST", world.address("campaign_launch"), {"versao": seen})
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.LAUNCHING

    owner.fine("POST", world.address("reply_handle"))
    assert Reply.objects.get(pk=keys["reply"]).handled_at is not None
    assert left_behind() == set()


def test_a_page_that_gets_no_connection_says_so_and_the_next_one_works(
    owner: Visitor, world: World, shared: Pooler
) -> None:
    with (
        shared.waits_at_most(1),
        psycopg.connect(shared.url, prepare_threshold=None) as somebody,
    ):
        somebody.execute("SELECT 1")  # a transaction, and with it the only connection
        status, page = owner.ask("GET", world.address("dashboard"))
        assert (status, "O banco de dados não respondeu" in page) == (503, True)
    assert world.business.name in owner.fine("GET", world.address("dashboard"))


def test_a_pooler_that_is_restarted_is_said_plainly_and_everything_goes_on(
    owner: Visitor, world: World, shared: Pooler
) -> None:
    """Hosts, jobs and visits never go through it (tests/processes/test_systemd.py)."""
    shared.kill()
    status, page = owner.ask("GET", world.address("dashboard"))
    assert (status, "O banco de dados não respondeu" in page) == (503, True)
    shared.restart()
    assert world.business.name in owner.fine("GET", world.address("dashboard"))
    assert left_behind() == set()


def test_the_support_works_through_the_pooler(client: Client, world: World, port: int) -> None:
    user = factories.make_user("suporte@blu.com.br", is_staff=True, is_superuser=True)
    support.sign_in(client, factories.confirm(user))
    staff = visitor_of(client, port)
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    rows = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
        for model in admin.site._registry
        if (row := model._base_manager.first()) is not None
    ]
    assert {staff.ask("GET", path)[0] for path in ("/admin/", *lists[:5])} == {200}
    all_at_once(staff, "GET", [*lists, *rows, "/admin/?q=jabuticaba"])
    assert left_behind() == set()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("PREPARE one AS SELECT 1", "statement"),
        ("DECLARE one CURSOR WITH HOLD FOR SELECT 1", "cursor"),
        ("SELECT pg_advisory_lock(1)", "lock"),
        ("LISTEN one", "channel"),
        ("CREATE TEMPORARY TABLE one (number int)", "table"),
        ("SET enable_seqscan = off", "setting"),
        ("SELECT set_config('enable_seqscan', 'off', false)", "setting"),
    ],
)
def test_what_a_session_would_keep_is_noticed(through: str, statement: str, kind: str) -> None:
    """Otherwise the tests above would pass for want of eyes."""
    with psycopg.connect(through, autocommit=True, prepare_threshold=None) as page:
        page.execute("SELECT 1")
        assert left_behind() == set()
        page.execute(statement)
        page.execute("SELECT 1")
    assert {what.split()[0] for what in left_behind()} == {kind}


def test_a_transactions_own_things_are_no_matter(through: str) -> None:
    with psycopg.connect(through, prepare_threshold=None) as page:
        page.execute("SET LOCAL enable_seqscan = off")
        page.execute("SELECT pg_advisory_xact_lock(1)")
        page.execute("CREATE TEMPORARY TABLE one (number int) ON COMMIT DROP")
        page.commit()
        page.execute("SELECT 1")
    assert left_behind() == set()


@pytest.mark.parametrize("pooled", [False, True])
def test_the_outboxs_statements_are_kept_only_where_no_pooler_may_be(
    monkeypatch: pytest.MonkeyPatch, *, pooled: bool
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", pooled)
    connection.close()
    for _time in range(7):
        assert prepared_sql.rows("SELECT %(one)s::int AS one", {"one": 1}) == [{"one": 1}]
    kept = prepared_sql.rows("SELECT count(*) AS many FROM pg_prepared_statements", {})
    assert (kept[0]["many"] > 0) is not pooled
    connection.close()
