"""Errors say what happened, what was kept and what to do, without asking anything of anyone."""

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory

from blu import settings as ours
from blu.accounts.models import Membership
from blu.home import views
from tests.clients import Client

PAGES = ["400", "403", "403_csrf", "404", "413", "429", "500", "503", "503_slow"]


@pytest.mark.parametrize("code", PAGES)
def test_an_error_page_needs_neither_context_nor_database(code: str) -> None:
    html = render_to_string(f"{code}.html")
    assert "<h1>" in html
    assert 'href="/"' in html
    assert "{{" not in html


@pytest.mark.django_db
def test_an_address_that_is_not_there_gets_our_page(client: Client) -> None:
    page = client.get("/nada/aqui/")
    assert page.status_code == 404
    assert "Não há nada neste endereço" in page.content.decode()


def test_a_trial_shows_no_more_of_its_faults_than_production() -> None:
    """These pages are then its own."""
    assert settings.TRIAL
    assert not ours.DEBUG


@pytest.mark.django_db
def test_a_fault_of_ours_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_view: object, _request: HttpRequest) -> None:
        raise RuntimeError("segredo")

    monkeypatch.setattr("allauth.account.views.LoginView.dispatch", broken)
    page = Client(raise_request_exception=False).get("/conta/entrar/")
    assert page.status_code == 500
    assert "A falha é nossa" in page.content.decode()
    assert "segredo" not in page.content.decode()


@pytest.mark.parametrize(
    "path", ["/n/x/contatos/", "/conta/entrar/", "/admin/", "/n/x/api/v1/campaigns/"]
)
def test_without_its_database_every_page_says_so(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def lost(_store: object) -> None:
        raise OperationalError

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lost)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "somebody"
    page = client.get(path)
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    asked = page.wsgi_request
    assert page.content.decode() == render_to_string("503.html", {"request": asked})


def test_a_broken_page_gets_our_page() -> None:
    page = views.broken(HttpRequest())
    assert "A falha é nossa" in page.content.decode()


@pytest.mark.django_db
def test_a_form_of_an_old_page_is_explained() -> None:
    page = Client(enforce_csrf_checks=True).post("/conta/entrar/", {"login": "a", "password": "b"})
    assert page.status_code == 403
    assert "ficou aberta tempo demais" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/respostas/?q=%00", "/contatos/?tag=a%00", "/admin/busca/?q=%00", "/?x=\0"]
)
def test_a_nul_in_an_address_is_refused(admin_client: Client, path: str) -> None:
    page = admin_client.get(path)
    assert page.status_code == 400
    assert "algo que não entendemos" in page.content.decode()


@pytest.mark.django_db
def test_a_percent_sign_before_two_noughts_is_no_nul(owner: Membership, client: Client) -> None:
    assert client.get("/respostas/?q=%2500").status_code == 200


@pytest.mark.parametrize("code", ["403_csrf", "429", "500", "503"])
@pytest.mark.parametrize(
    ("method", "page", "again"),
    [
        ("GET", "", "/importacoes/7/iniciar/"),
        ("POST", "http://testserver/importacoes/7/", "/importacoes/7/"),
        ("POST", "http://exemplo.com/importacoes/7/", "/"),
        ("POST", "", "/"),
    ],
)
def test_trying_again_opens_a_page_and_never_the_address_of_a_post(
    code: str, method: str, page: str, again: str
) -> None:
    request = RequestFactory(headers={"Referer": page}).generic(method, "/importacoes/7/iniciar/")
    html = render_to_string(f"{code}.html", {"request": request})
    assert f'href="{again}">Tentar de novo' in html


@pytest.mark.django_db
def test_an_old_page_leads_back_to_the_page_of_its_form() -> None:
    headers = {"Referer": "http://testserver/conta/entrar/?next=/contatos/"}
    page = Client(enforce_csrf_checks=True).post("/conta/sair/", headers=headers)
    assert page.status_code == 403
    assert 'href="/conta/entrar/?next=/contatos/">Tentar de novo' in page.content.decode()


@pytest.mark.django_db
def test_a_broken_post_leads_back_to_the_page_of_its_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_view: object, _request: HttpRequest) -> None:
        raise RuntimeError

    monkeypatch.setattr("allauth.account.views.LoginView.dispatch", broken)
    headers = {"Referer": "http://testserver/conta/nova/"}
    page = Client(raise_request_exception=False).post("/conta/entrar/", headers=headers)
    assert page.status_code == 500
    assert 'href="/conta/nova/">Tentar de novo' in page.content.decode()
