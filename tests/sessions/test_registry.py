"""Each kind of link is one line of a table."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from sessions import registry
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
    assert registry.addresses() == []
    told = replace(BACKENDS["inprocess"], urls="blu.accounts.urls")
    monkeypatch.setitem(BACKENDS, "inprocess", told)
    (route,) = registry.addresses()
    assert str(route.pattern) == "inprocess/"
