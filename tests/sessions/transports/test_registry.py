"""Each kind of link is one line of a table."""

from dataclasses import replace

import pytest
from django.urls import get_resolver
from pytest_django import Settings
from rest_framework.views import APIView

from sessions import registry, webhooks
from sessions.models import Link
from sessions.registry import BACKENDS, RunsIn, backend_of, kinds_in
from tests import factories


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(BACKENDS))
def test_every_kind_that_a_link_may_have_is_made_with_all_that_it_needs(
    kind: str, settings: Settings
) -> None:
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = "http://127.0.0.1:9"
    link = factories.make_session(factories.make_business(), transport=kind).link
    transport = backend_of(link).make(link)
    assert callable(transport.open)
    transport.close()


def test_a_kind_is_driven_by_a_visit_or_by_a_host() -> None:
    assert sorted([*kinds_in(RunsIn.VISIT), *kinds_in(RunsIn.HOST)]) == sorted(BACKENDS)


def test_a_link_may_be_of_every_kind_of_the_table_and_of_no_other() -> None:
    field = Link._meta.get_field("transport")
    assert dict(field.flatchoices) == {kind: one.label for kind, one in BACKENDS.items()}
    assert max(map(len, BACKENDS)) <= (field.max_length or 0)


def test_what_comes_in_by_http_for_a_kind_is_below_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = replace(BACKENDS["inprocess"], urls="blu.accounts.urls")
    monkeypatch.setitem(BACKENDS, "inprocess", told)
    (route,) = registry.addresses()
    assert str(route.pattern) == "inprocess/"


# Forms on a business's own site send there, and nothing of a visitor's is trusted: contacts.optin.views. A person's own
# page is opened by the link alone, which no other site knows, and no cookie: contacts.preferences.views.
FROM_OTHER_SITES = {"optin_page", "preferences", "preferences_erase"}


def test_every_address_of_a_kind_asks_who_sends_and_only_they_need_no_token_of_a_form() -> None:
    """tests/cloud says the same of a process that has such a kind; checks say it to every other."""
    views = webhooks.views_of(registry.addresses())
    assert [name for name, view in views.items() if not webhooks.is_webhook(view)] == []
    # What Django REST framework serves asks for the token itself, of whoever is signed in.
    exempt = {
        name for name, view in webhooks.views_of(get_resolver().url_patterns).items()
        if getattr(view, "csrf_exempt", False) and not issubclass(getattr(view, "cls", object), APIView)
    }  # fmt: skip
    assert exempt == set(views) | FROM_OTHER_SITES
