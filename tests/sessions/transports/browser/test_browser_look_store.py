"""The looks of browsers in the database: whole or not at all, nobody's names, and not for ever."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from sessions.linking import services
from sessions.models import BrowserLook, Pairing, WhatsAppSession
from sessions.transports.browser import look_store
from sessions.transports.browser.chat_looks import BASELINE, Look
from sessions.transports.browser.look_store import LinkLooks
from tests import factories
from tests.leasing import hold

pytestmark = pytest.mark.django_db

LOOK = Look(
    "d" * 32, "2026-11-26 10:04", datetime(2026, 11, 26, 10, 5, tzinfo=UTC), 2, "3EB01", False
)


@pytest.fixture
def session() -> WhatsAppSession:
    return factories.make_session(factories.make_business(), transport="browser")


def test_what_is_kept_is_loaded_as_it_was_and_a_title_is_replaced_whole(
    session: WhatsAppSession,
) -> None:
    store = LinkLooks(session.link.pk)
    store.keep({"a": (LOOK, LOOK), "b": (LOOK,)})
    store.keep({"a": (LOOK,), BASELINE: (LOOK,)})
    assert LinkLooks(session.link.pk).load() == {"a": (LOOK,), "b": (LOOK,), BASELINE: (LOOK,)}


def test_looks_are_of_one_link_and_so_is_the_key_of_their_digests(
    session: WhatsAppSession,
) -> None:
    other = factories.make_session(session.business, name="Outra", transport="browser")
    LinkLooks(session.link.pk).keep({"a": (LOOK,)})
    assert LinkLooks(other.link.pk).load() == {}
    assert LinkLooks(session.link.pk).key == LinkLooks(session.link.pk).key
    assert LinkLooks(session.link.pk).key != LinkLooks(other.link.pk).key


def test_a_title_that_is_in_the_list_is_kept_and_the_longest_unseen_goes_beyond_the_bound(
    session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_store, "MOST", 2)
    store = LinkLooks(session.link.pk)
    store.keep(dict.fromkeys(("a", "b", "c", BASELINE), (LOOK,)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wa_sessions_browserlook SET seen_at = seen_at - interval '2 days'")
    store.seen(["a", "c"])
    assert set(store.load()) == {"a", "c", BASELINE}


def test_linking_anew_begins_with_a_baseline_of_its_own(session: WhatsAppSession) -> None:
    LinkLooks(session.link.pk).keep({"a": (LOOK,), BASELINE: (LOOK,)})
    pairing = Pairing.objects.create(link=session.link)
    token = hold(session.pk)
    services.linked(pairing, token=token, phone="+5511987654321")
    assert not BrowserLook.objects.exists()
