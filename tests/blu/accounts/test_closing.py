"""A whole business is deleted at its owner's wish: nothing of it is left, and nothing of another is touched."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import ProgrammingError, connection
from django.utils import timezone

from blu import tasks
from blu.accounts import closing
from blu.accounts.models import Business, BusinessClosing, Membership
from blu.accounts.refused import Refused
from blu.dispatch import dispatcher
from campaigns.models import Campaign, Delivery, EarlyReceipt, SessionAlert, SessionLimits
from contacts.erasure.services import erase
from contacts.models import Contact, PreferenceChange, RetentionRun
from contacts.retention import nightly
from sessions.linking import closing as job
from sessions.models import BrowserLook, EvidenceOpening, HomeArchive, Link, LinkMove
from sessions.states import State
from tests import factories
from tests.clients import Client
from tests.everywhere import places_of
from tests.isolation.world import World, all_rows, make_world

pytestmark = pytest.mark.django_db

SECRET = "zebrafinch"
# Tables that are of no business, or of one only once it is closed.
OF_NO_BUSINESS = {
    "accounts.BusinessClosing", "accounts.EmailChange", "accounts.SecondStepLock", "accounts.Turn",
    "wa_sessions.Node", "wa_sessions.Runner",
}  # fmt: skip


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr("blu.jobs.queue.enqueue", lambda *said: found.append(said))
    return found


def whole(secret: str) -> World:
    """A business that has something in every table."""
    world = make_world(secret)
    business, contact = world.membership.business, Contact.objects.get(name=f"Contato {secret}")
    link = Link.objects.filter(session__business=business).order_by("pk")[0]
    seen = factories.make_evidence(link)
    EvidenceOpening.objects.create(
        evidence=seen,
        about=secret,
        part="picture",
        who=world.membership.user,
        reason=f"Ver {secret}",
    )
    link.session.chats.create(lid=secret)
    beside = factories.make_link(link.session, state=State.UNLINKED, linked_at=None)
    LinkMove.objects.create(session=link.session, old=link, new=beside)
    BrowserLook.objects.create(link=link, title_hash="0f" * 16, looks=[])
    HomeArchive.objects.create(link=link, name=secret, fence=1, size=1)
    SessionLimits.objects.create(session=link.session)
    SessionAlert.objects.create(session=link.session, kind="away", since=timezone.now())
    factories.make_opt_in(factories.make_opt_in_text(factories.make_topic(business)))
    other = factories.make_contact(business, f"Outra {secret}")
    other.replaced_by = contact
    other.save()
    PreferenceChange.objects.create(
        business=business, contact=contact, what="stopped", link_from="team"
    )
    gone = factories.make_contact(business, "Apagada")
    factories.subscribe(gone, factories.make_topic(business))
    erase(business=business, contact=gone)
    doubt = factories.make_delivery(
        Campaign.objects.filter(business=business).latest("pk"), status="uncertain"
    )
    factories.decide(doubt.pk, arrived=True)
    Delivery.objects.filter(pk=doubt.pk).update(pressed_at=timezone.now())
    EarlyReceipt.objects.create(
        session_id=doubt.session_id, message_id=f"3EB0-{secret}", step="read", at=timezone.now()
    )
    nightly.run(RetentionRun.objects.create(business=business, day="2026-01-01").pk)
    LogEntry.objects.log_actions(
        world.membership.user_id, [business, contact], 2, f"Mudou {secret}"
    )
    return world


def close(world: World) -> BusinessClosing:
    business = world.membership.business
    return closing.ask(business=business, actor=world.membership.user, typed=business.name)


def counts() -> dict[str, int]:
    return {table: len(rows or ()) for table, rows in all_rows().items()}


def test_nothing_of_a_closed_business_is_left_and_nothing_of_another_is_touched(
    enqueued: list[Any],
) -> None:
    other = whole("outro")
    before = counts()
    world = whole(SECRET)
    assert {name for name, number in counts().items() if not number} <= OF_NO_BUSINESS
    closed = close(world)
    assert tasks.close_business(closed.pk)
    apart = {"accounts.User", "accounts.BusinessClosing"}
    now = counts()
    assert {name: now[name] for name in now.keys() - apart} == {
        name: before[name] for name in before.keys() - apart
    }
    left = {place for place in places_of([SECRET]) if not place.startswith("accounts_user.")}
    assert left == set()
    assert Business.objects.get() == other.membership.business
    closed.refresh_from_db()
    assert closed.ended_at
    assert closed.rows > 40


def test_it_goes_in_slices_and_on_where_it_stopped(
    enqueued: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(SECRET)
    for _number in range(5):
        factories.make_contact(world.membership.business)
    monkeypatch.setattr(closing, "SLICE", 2)
    closed, turns = close(world), 1
    while not job.run(closed.pk, seconds=0):
        turns += 1
    assert turns > 10
    assert not Business.objects.exists()
    assert job.run(closed.pk), "an ended one is left alone"


def test_accounts_are_unlinked_first_and_a_device_that_must_log_out_is_waited_for(
    enqueued: list[Any],
) -> None:
    world = make_world(SECRET)
    closed = close(world)
    Link.objects.filter(session__business=world.membership.business).update(is_leaving=True)
    assert not job.run(closed.pk)
    assert set(Link.objects.values_list("state", flat=True)) == {State.UNLINKED}
    assert Delivery.objects.exists()
    Link.objects.update(is_leaving=False)
    assert job.run(closed.pk)


def test_who_closes_types_the_name_and_nobody_has_access_any_more(
    client: Client, owner: Membership, enqueued: list[Any]
) -> None:
    page = client.post("/empresa/encerrar/", {"typed": "Outro nome"})
    assert "não é o deste negócio" in page.content.decode()
    assert not BusinessClosing.objects.exists()
    client.post("/empresa/encerrar/", {"typed": owner.business.name})
    closed = BusinessClosing.objects.get()
    assert (closed.actor, closed.by_support) == (owner.user, False)
    assert dispatcher.close_businesses() == 1
    assert enqueued == [("blu.tasks.close_business", closed.pk)]
    assert client.get("/contatos/").status_code == 404
    with pytest.raises(Refused):
        closing.ask(business=owner.business, actor=owner.user, typed=owner.business.name)


def test_the_function_deletes_nothing_that_nobody_asked_to_close(owner: Membership) -> None:
    with pytest.raises(ProgrammingError, match="nobody asked"), connection.cursor() as cursor:
        cursor.execute("SELECT delete_business(%s, 10)", [owner.business_id])


def test_pages_may_not_ask_the_function() -> None:
    with connection.cursor() as cursor:
        for role, may in {"blu_web": False, "blu_jobs": True, "blu_host": False}.items():
            cursor.execute(
                "SELECT has_function_privilege(%s, 'delete_business(bigint, integer)', 'EXECUTE')",
                [role],
            )
            assert cursor.fetchone() == (may,), role


def test_its_files_go_as_well(enqueued: list[Any]) -> None:
    world = make_world(SECRET)
    business = world.membership.business
    names = [f"imports/{business.pk}/x", f"takeouts/{business.pk}/tudo.zip.sealed"]
    for name in names:
        default_storage.save(name, ContentFile(b"x"))
    assert tasks.close_business(close(world).pk)
    assert not any(default_storage.exists(name) for name in names)


def test_one_that_got_lost_is_enqueued_again(enqueued: list[Any]) -> None:
    closed = close(make_world(SECRET))
    assert dispatcher.close_businesses() == 1
    assert dispatcher.close_businesses() == 0
    BusinessClosing.objects.update(enqueued_at="2026-01-01T00:00Z")
    assert dispatcher.close_businesses() == 1
    assert enqueued[-1] == ("blu.tasks.close_business", closed.pk)


def test_every_table_that_hangs_on_a_business_is_named_by_the_function() -> None:
    reached: set[Any] = {Business}
    while more := {
        model for model in apps.get_models()
        if model not in reached and any(field.related_model in reached for field in model._meta.fields)
    }:  # fmt: skip
        reached |= more
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('public.delete_business'::regproc)")
        (source,) = cursor.fetchone()
    assert Contact in reached
    assert Delivery in reached
    missing = {
        one._meta.db_table
        for one in reached
        if f"FROM public.{one._meta.db_table} WHERE" not in source
    }
    assert missing == set()
