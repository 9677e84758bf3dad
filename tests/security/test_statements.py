"""A page waits for no statement for long; jobs may. By the role, as PgBouncer demands."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path

from blu.accounts.models import Business
from blu.ops import db_roles, dev_secrets, supervisor_config
from blu.ops.dev_secrets import ROLES
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUTS = {"blu_owner": "0", "blu_web": "15s", "blu_jobs": "0", "blu_host": "0", "blu_store": "0"}
LOCK_TIMEOUTS = {
    "blu_owner": "0",
    "blu_web": "0",
    "blu_jobs": "0",
    "blu_host": "2s",
    "blu_store": "0",
}


def as_role(role: str) -> psycopg.Connection:
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(settings.VAR, role, database=name)
    return psycopg.connect(url, autocommit=True)


@pytest.fixture
def short() -> Iterator[None]:
    """The web's limit shortened, for connections made from now on."""
    superuser = psycopg.conninfo.make_conninfo(
        host=str(dev_secrets.socket_folder(settings.VAR)),
        user="postgres",
        dbname="postgres",
        password=dev_secrets.secrets(settings.VAR)["superuser_password"],
    )
    with psycopg.connect(superuser, autocommit=True) as owner:
        owner.execute("ALTER ROLE blu_web SET statement_timeout = '200ms'")
        yield
        owner.execute(f"ALTER ROLE blu_web SET statement_timeout = '{db_roles.WEB_TIMEOUT}'")


def test_every_role_has_its_limit() -> None:
    assert set(TIMEOUTS) == set(ROLES)
    for role, timeout in TIMEOUTS.items():
        with as_role(role) as here:
            assert here.execute("SHOW statement_timeout").fetchone() == (timeout,), role
            assert here.execute("SHOW lock_timeout").fetchone() == (LOCK_TIMEOUTS[role],), role


def test_a_host_plans_each_statement_once_a_connection() -> None:
    with as_role("blu_host") as here:
        assert here.execute("SHOW plan_cache_mode").fetchone() == ("force_generic_plan",)


def test_what_the_web_asks_is_cancelled_and_what_jobs_ask_is_not(short: None) -> None:
    with as_role("blu_web") as web, pytest.raises(psycopg.errors.QueryCanceled):
        web.execute("SELECT pg_sleep(30)")
    with as_role("blu_jobs") as jobs:
        jobs.execute("SELECT pg_sleep(0.4)")


def test_the_web_alone_has_the_limited_role() -> None:
    node = supervisor_config.Node(
        root=settings.BASE, var=settings.VAR, name="a", host="127.0.0.1", port=1,
        python="python", embedded_postgres=True, simulator_port=2, hosts=1,
    )  # fmt: skip
    found = {
        program.name: program.environment.get("BLU_DATABASE_ROLE")
        for program in supervisor_config.programs(node)
        if program.knows
    }
    jobs = dict.fromkeys(("jobs", "browser-a", "pairing-a", "watch"), "blu_jobs")
    assert found == jobs | {"web": None, "host-1": "blu_host"}


def slow(_request: HttpRequest) -> HttpResponse:
    """Write something, then take too long."""

    with transaction.atomic(), connection.cursor() as cursor:
        Business.objects.update(name="Meio feito")
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(30)")
    return HttpResponse("feito")


def gone(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection unexpectedly")


urlpatterns = [path("devagar/", slow), path("api/devagar/", slow), path("fora/", gone)]


@pytest.mark.urls("tests.security.test_statements")
@pytest.mark.parametrize("address", ["/devagar/", "/api/devagar/"])
def test_a_cancelled_statement_is_a_page_and_nothing_half_done(
    client: Client, address: str
) -> None:
    business = factories.make_business("Clínica Horizonte")
    client.raise_request_exception = False
    answer = client.get(address)
    assert answer.status_code == 503
    expected = render_to_string("503_slow.html", {"request": answer.wsgi_request})
    assert answer.content.decode() == expected
    business.refresh_from_db()
    assert business.name == "Clínica Horizonte"


@pytest.mark.urls("tests.security.test_statements")
def test_a_database_that_is_gone_is_another_page(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/fora/")
    assert answer.status_code == 503
    assert "não respondeu" in answer.content.decode()
