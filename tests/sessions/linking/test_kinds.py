"""By which kind of link an account is linked: what is offered, what is chosen unasked, and what a choice changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Membership, User
from blu.accounts.refused import Refused
from sessions import registry
from sessions.driving import leases
from sessions.interfaces import LeaseLost
from sessions.linking import kinds, services
from sessions.models import Link, Pairing, Runner, State, WhatsAppSession
from tests import factories
from tests.clients import Client
from tests.leasing import take_link

pytestmark = pytest.mark.django_db

NEW = {"name": "Vendas", "terms": "on"}


def host(*, silent_for: timedelta = timedelta()) -> Runner:
    """A host somewhere, with its last sign of life."""
    return Runner.objects.create(
        node="a", host="one", pid=1, born=0, capacity=500, heartbeat=timezone.now() - silent_for
    )


@pytest.fixture
def unlinked(owner: Membership) -> WhatsAppSession:
    """A session by the browser whose terms are accepted and that nobody has linked yet."""
    session = services.create_session(
        business=owner.business, name="Recepção", actor=owner.user, transport="browser"
    )
    services.accept_terms(session=session, actor=owner.user)
    return session


def shown(client: Client, session: WhatsAppSession) -> str:
    return client.get(f"/whatsapp/{session.pk}/conectar/").content.decode()


def chosen(session: WhatsAppSession, transport: str, actor: User) -> Link:
    kinds.choose(session=session, transport=transport, actor=actor)
    session.refresh_from_db()
    return session.link


def test_a_new_session_is_direct_where_a_host_runs_and_a_browsers_where_none_does(
    client: Client, owner: Membership
) -> None:
    client.post("/whatsapp/novo/", NEW)
    assert Link.objects.get().transport == "browser"
    host()
    client.post("/whatsapp/novo/", NEW | {"name": "Recepção"})
    assert WhatsAppSession.objects.get(name="Recepção").transport == "direct"


def test_a_visits_process_and_a_silent_host_are_no_host() -> None:
    Runner.objects.create(node="a", host="one", pid=1, born=0)
    host(silent_for=timedelta(minutes=2))
    assert list(kinds.offered()) == ["browser"]
    host()
    assert list(kinds.offered()) == ["direct", "browser"]


def test_the_pairing_page_says_in_a_sentence_each_what_both_kinds_are(
    client: Client, unlinked: WhatsAppSession
) -> None:
    assert 'name="transport"' not in shown(client, unlinked)
    host()
    page = shown(client, unlinked)
    for kind in ("direct", "browser"):
        words = registry.BACKENDS[kind].words
        assert str(words.title) in page
        assert str(words.sentence) in page
    assert 'value="browser" aria-pressed="true"' in page
    assert 'value="direct" aria-pressed="false"' in page
    client.post(f"/whatsapp/{unlinked.pk}/conectar/por-onde/", {"transport": "direct"})
    assert 'value="direct" aria-pressed="true"' in shown(client, unlinked)


def test_no_ticket_rings_for_an_account_that_a_host_links(
    owner: Membership, unlinked: WhatsAppSession, django_capture_on_commit_callbacks: object
) -> None:
    host()
    chosen(unlinked, "direct", owner.user)
    with django_capture_on_commit_callbacks() as rung:  # type: ignore[operator]
        services.request_pairing(session=unlinked, actor=owner.user)
    assert rung == []


def test_what_was_never_linked_changes_its_kind_and_ends_the_attempt_under_way(
    owner: Membership, unlinked: WhatsAppSession
) -> None:
    host()
    attempt = services.request_pairing(session=unlinked, actor=owner.user)
    link = chosen(unlinked, "direct", owner.user)
    attempt.refresh_from_db()
    assert attempt.status == Pairing.Status.EXPIRED
    assert (link.transport, link.state) == ("direct", State.UNLINKED)
    assert Link.objects.count() == 1


def test_an_account_that_the_phone_has_logged_out_is_linked_anew_by_another_link(
    owner: Membership,
) -> None:
    host()
    session = factories.make_session(owner.business, transport="browser", home_fence=1)
    factories.change_session(session, state=State.LOGGED_OUT)
    old = session.link
    driven = take_link(old.pk)
    assert driven is not None
    link = chosen(session, "direct", owner.user)
    assert (link.transport, link.state) == ("direct", State.UNLINKED)
    old.refresh_from_db()
    assert (old.state, old.linked_at) == (State.UNLINKED, None)
    with pytest.raises(LeaseLost):
        leases.hold(driven.token)
    assert session.links.count() == 2


@pytest.mark.parametrize("state", [State.RESTING, State.RESTRICTED, State.BANNED])
def test_an_account_that_is_linked_or_banned_is_not_chosen_another_kind(
    owner: Membership, state: State
) -> None:
    host()
    session = factories.make_session(owner.business, transport="browser")
    factories.change_session(session, state=state)
    with pytest.raises(Refused):
        chosen(session, "direct", owner.user)
    session.refresh_from_db()
    assert session.transport == "browser"


def test_only_who_owns_the_business_chooses(client: Client, unlinked: WhatsAppSession) -> None:
    host()
    membership = factories.make_membership(unlinked.business, role="receptionist")
    client.force_login(membership.user)
    client.post(f"/whatsapp/{unlinked.pk}/conectar/por-onde/", {"transport": "direct"})
    unlinked.refresh_from_db()
    assert unlinked.transport == "browser"


def test_to_unlink_a_direct_link_leaves_it_to_a_host_to_log_it_out_and_no_other(
    owner: Membership,
) -> None:
    direct = factories.make_session(owner.business, transport="direct")
    browser = factories.make_session(owner.business, transport="browser")
    for session in (direct, browser):
        services.unlink(session=session, actor=owner.user)
    assert list(Link.objects.filter(is_leaving=True)) == [direct.link]
