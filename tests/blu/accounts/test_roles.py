"""Who may open a page, by the two decorators."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from blu.accounts.models import WRITERS, Role, User
from blu.accounts.permissions import BusinessRequest, may, member_required, roles
from blu.accounts.tenancy import enter, memberships_of
from tests.clients import Client
from tests.factories import make_membership, make_user

pytestmark = pytest.mark.django_db


@member_required
def anybody(request: BusinessRequest) -> HttpResponse:
    return HttpResponse(request.business.name)


@roles(*WRITERS)
def changers(request: BusinessRequest) -> HttpResponse:
    return HttpResponse("mudou")


@roles(Role.OWNER)
def owners(request: BusinessRequest) -> HttpResponse:
    return HttpResponse("dono")


def ask(user: User | AnonymousUser, method: str = "GET", **headers: str) -> HttpRequest:
    request = RequestFactory(headers=headers).generic(method, "/contatos/?q=ana")
    request.user = user
    memberships = memberships_of(user) if isinstance(user, User) else []
    enter(request, memberships[0].business.slug if memberships else "", memberships)
    return request


def test_someone_signed_out_is_led_to_sign_in_and_back() -> None:
    response = anybody(ask(AnonymousUser()))
    assert response["Location"] == "/conta/entrar/?next=/contatos/%3Fq%3Dana"


def test_a_fragment_sends_someone_signed_out_away_from_the_page() -> None:
    response = anybody(ask(AnonymousUser(), **{"HX-Request": "true"}))
    assert response["HX-Redirect"] == "/conta/entrar/"


@pytest.mark.parametrize(
    ("page", "then"),
    [
        ("http://testserver/contatos/?q=ana#lista", "?next=/contatos/%3Fq%3Dana"),
        ("http://exemplo.com/contatos/", ""),
        ("http://testserver//exemplo.com/", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_and_back_to_the_page_that_the_fragment_was_for(page: str, then: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    for method in ("GET", "POST"):
        response = anybody(ask(AnonymousUser(), method, **headers))
        assert response["HX-Redirect"] == f"/conta/entrar/{then}"


@pytest.mark.parametrize(
    ("page", "then"),
    [
        ("http://testserver/campanhas/7/", "/campanhas/7/"),
        ("http://exemplo.com/campanhas/7/", "/"),
        ("", "/"),
    ],
)
def test_a_post_of_someone_signed_out_leads_back_to_its_page(page: str, then: str) -> None:
    response = anybody(ask(AnonymousUser(), "POST", Referer=page))
    assert response["Location"] == f"/conta/entrar/?next={then}"


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.OWNER, {"anybody", "changers", "owners"}),
        (Role.RECEPTIONIST, {"anybody", "changers"}),
        (Role.VIEWER, {"anybody"}),
    ],
)
def test_each_role_opens_its_pages_and_no_others(role: str, opens: set[str]) -> None:
    user = make_membership(role=role).user
    opened = set()
    for view in (anybody, changers, owners):
        try:
            view(ask(user))
        except PermissionDenied:
            continue
        opened.add(view.__name__)
    assert opened == opens


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_someone_asks_of_a_business_that_isnt_theirs_is_a_404(method: str) -> None:
    for person in (make_user(), make_user(is_staff=True)):
        with pytest.raises(Http404):
            anybody(ask(person, method))


def test_templates_can_ask_who_may() -> None:
    request = ask(make_membership(role=Role.VIEWER).user)
    assert may(request, Role.VIEWER)
    assert not may(request, *WRITERS)


def test_a_refusal_is_a_page_that_says_whom_to_ask(client: Client) -> None:
    client.force_login(make_membership(role=Role.RECEPTIONIST).user)
    page = client.get("/empresa/")
    assert page.status_code == 403
    assert "Só quem cuida da conta faz isso." in page.content.decode()
