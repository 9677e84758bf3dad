"""The configurations of docs/nginx, under a real nginx before two web processes of two nodes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from blu.ops import ports as listening
from sessions.models import Pairing, State
from tests import factories
from tests.eventually import GENEROUS, eventually
from tests.processes.conftest import free_port

DOCS = Path(settings.BASE, "docs", "nginx")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SERVED_BY = "X-Served-By"
FRAGMENTS = ("/estado/", "/andamento/")

pytestmark = [
    pytest.mark.nodes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        NGINX is None and "CI" not in os.environ, reason="nginx is missing: install nginx-light"
    ),
]


@dataclass
class Site:
    """nginx before two web processes; one visitor with a jar of cookies."""

    port: int
    visitor: OpenerDirector
    jar: CookieJar

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """(status, backend, body) of one request."""
        body = urlencode(data).encode() if data else None
        headers = {"HX-Request": "true"} if path.endswith(FRAGMENTS) else {}
        try:
            answer = self.visitor.open(
                Request(f"http://127.0.0.1:{self.port}{path}", body, headers), timeout=GENEROUS
            )
        except HTTPError as refused:
            answer = refused
        with answer:
            return answer.status, str(answer.headers[SERVED_BY]), answer.read().decode()

    def served(self, path: str, times: int = 4) -> dict[str, str]:
        """What each backend gave for a page asked for again and again; all must be fine."""
        given = {}
        for _time in range(times):
            status, backend, body = self.get(path)
            assert status == 200, (path, backend, status, body[:500])
            given[backend] = body
        return given

    def sign_in(self) -> None:
        """As a person does."""
        self.get("/conta/entrar/")
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        status, _backend, body = self.get(
            "/conta/entrar/",
            {"login": EMAIL, "password": factories.PASSWORD, "csrfmiddlewaretoken": str(token)},
        )
        assert (status, "Sair" in body) == (200, True), body[:2000]


EMAIL = "dona@exemplo.com.br"


@contextmanager
def _web(env: dict[str, str], name: str, port: int) -> Iterator[None]:
    var = Path(env["BLU_VAR"])
    own = {
        "NODE": name, "BLU_VAR": str(var / name), "BLU_SHARED": str(var), "BLU_PORT": str(port),
        "BLU_PROXIES": "1",
    }  # fmt: skip
    (var / name).mkdir(parents=True)
    with (var / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "blu.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4",
             "--no-control-socket"],
            cwd=settings.BASE, env=env | own, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(GENEROUS)


@contextmanager
def _nginx(folder: Path, conf: str, port: int, backends: list[int]) -> Iterator[None]:
    """nginx with one of the documented files, at other addresses."""
    site = (DOCS / conf).read_text()
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("10.0.0.1:8000", f"127.0.0.1:{backends[0]}"),
        ("10.0.0.2:8000", f"127.0.0.1:{backends[1]}"),
        ("snippets/blu-proxy.conf", str(DOCS / "proxy.conf")),
    ):
        assert old in site, f"{old} is not in {conf}"
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; worker_processes 1;"
        f"pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f"http {{ access_log off; {temporary} add_header {SERVED_BY} $upstream_addr always;"
        f" include {folder}/site.conf; }}"
    )
    assert NGINX is not None, "CI must have nginx-light"
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(
            [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")],
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(GENEROUS)


@pytest.fixture
def backends(database_env: dict[str, str]) -> Iterator[list[int]]:
    """The ports of two nodes' web processes."""
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        for name, port in zip("ab", ports, strict=True):
            stack.enter_context(_web(database_env, name, port))
        yield ports


@contextmanager
def _site(folder: Path, conf: str, backends: list[int]) -> Iterator[Site]:
    folder.mkdir()
    port = free_port()
    with _nginx(folder, conf, port, backends):
        for each in (*backends, port):
            eventually(lambda each=each: listening.answers("127.0.0.1", each, "/conta/entrar/"))  # type: ignore[misc]
        jar = CookieJar()
        yield Site(port, build_opener(HTTPCookieProcessor(jar)), jar)


@pytest.fixture
def pages() -> list[str]:
    """A member with an account being linked and a campaign under way; the pages that show it."""
    user = factories.make_user(EMAIL)
    user.password = PBKDF2PasswordHasher().encode(factories.PASSWORD, "salt", iterations=1000)
    user.save()
    business = factories.make_membership(user=user).business
    session = factories.make_session(business, state=State.PAIRING, linked_at=None)
    Pairing.objects.create(link=session.link, status=Pairing.Status.SHOWING, code="2@ref,key,id")
    campaign = factories.make_campaign(business, status="running")
    factories.make_delivery(campaign)
    return [
        business.address("dashboard"),
        business.address("session_qr", session.pk),
        business.address("session_pair", session.pk),
        business.address("session_pair_state", session.pk),
        business.address("campaign_progress", campaign.pk),
    ]


def test_every_page_is_served_by_either_node_or_by_the_one_where_a_visitor_stays(
    tmp_path: Path, pages: list[str], backends: list[int]
) -> None:
    for conf, reached in (("any-node.conf", 2), ("sticky.conf", 1)):
        with _site(tmp_path / conf, conf, backends) as site:
            site.sign_in()
            home = site.served(pages[0])
            assert len(home) == reached
            assert all("Sair" in page for page in home.values())
            pictures = site.served(pages[1])
            assert len(set(pictures.values())) == 1
            assert "<svg" in next(iter(pictures.values()))
            for page in (*pages[2:], "/static/blu/js/htmx.min.js"):
                assert len(site.served(page)) == reached, (conf, page)
