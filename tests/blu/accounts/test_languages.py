"""The language of the pages: the browser's, until somebody chooses one."""

import pytest
from django.conf import settings

from blu.accounts.models import Membership
from tests.clients import Client

pytestmark = pytest.mark.django_db
ENTRANCE = "/conta/entrar/"


def choose(client: Client, language: str, then: str) -> str:
    answer = client.post("/idioma/", {"language": language, "next": then}, follow=True)
    assert answer.redirect_chain[-1][0] == then
    return answer.content.decode()


def test_the_choice_on_the_sign_in_page_is_remembered_for_a_year(client: Client) -> None:
    page = client.get(f"{ENTRANCE}?next=/empresa/").content.decode()
    assert '<input type="hidden" name="next" value="/conta/entrar/?next=/empresa/">' in page
    assert 'value="pt-br" lang="pt-br" aria-current="true"' in page
    assert "Sign in to blü" in choose(client, "en", ENTRANCE)
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["max-age"] == 365 * 24 * 3600
    assert cookie["httponly"]
    page = client.get(ENTRANCE, headers={"Accept-Language": "pt-br"}).content.decode()
    assert 'value="en" lang="en" aria-current="true"' in page
    assert "Entre no blü" in choose(client, "pt-br", ENTRANCE)


def test_the_choice_in_the_menu_leads_back_to_the_same_page(
    client: Client, owner: Membership
) -> None:
    address = owner.business.address("contact_list") + "?q=ana"
    page = client.get(address).content.decode()
    assert f'name="next" value="{address}"' in page
    assert "People with access" in choose(client, "en", address)


def test_the_choice_on_a_page_that_a_post_brought_leads_to_the_page_before_it(
    client: Client,
) -> None:
    headers = {"Referer": f"http://testserver{ENTRANCE}?next=/empresa/"}
    page = client.post(ENTRANCE, {"login": "a"}, headers=headers).content.decode()
    assert '<input type="hidden" name="next" value="/conta/entrar/?next=/empresa/">' in page
    page = client.post(ENTRANCE, {"login": "a"}).content.decode()
    assert '<input type="hidden" name="next" value="/">' in page


def test_a_choice_needs_a_press_of_ones_own_and_leads_nowhere_else(client: Client) -> None:
    client.get("/idioma/?language=en")
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies
    assert Client(enforce_csrf_checks=True).post("/idioma/", {"language": "en"}).status_code == 403
    answer = client.post("/idioma/", {"language": "en", "next": "https://exemplo.com/"})
    assert "exemplo.com" not in answer["Location"]


def test_a_language_that_is_not_there_changes_nothing(client: Client) -> None:
    assert "Entre no blü" in choose(client, "xx", ENTRANCE)
