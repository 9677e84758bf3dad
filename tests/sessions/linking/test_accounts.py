"""Which account a session may be linked to, and that no new link lifts what WhatsApp did to its account."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import User
from blu.accounts.refused import Refused
from blu.db.clock import scaled
from sessions import events
from sessions.driving import history, leases
from sessions.interfaces import LeaseToken, Opened
from sessions.linking import job, kinds, services
from sessions.linking.accounts import OtherAccount
from sessions.models import Chat, Link, Pairing, WhatsAppSession
from sessions.reasons import UNTIL, Code
from sessions.states import State
from tests import factories
from tests.concurrency.waiting import Beside
from tests.leasing import hold

pytestmark = pytest.mark.django_db
MINE, OTHER = "+5511987654321", "+5511900074199"


@pytest.fixture
def actor(db: None) -> User:
    return factories.make_user(name="Ana")


@pytest.fixture
def session(actor: User) -> WhatsAppSession:
    """Linked to an account that talks to somebody."""
    made = factories.make_session(factories.make_business(), phone=MINE)
    Link.objects.filter(session=made).update(phone=MINE)
    services.accept_terms(session=made, actor=actor)
    Chat.objects.create(session=made, phone=factories.make_phone(), opened_at=timezone.now())
    return WhatsAppSession.objects.get(pk=made.pk)


def asked(session: WhatsAppSession, actor: User, phone: str = "") -> tuple[Pairing, LeaseToken]:
    pairing = services.request_pairing(session=session, actor=actor, phone=phone)
    return pairing, hold(session.pk)


def link(session: WhatsAppSession, actor: User, phone: str) -> Pairing:
    """Ask for a code, and the phone of that number reads it."""
    pairing, token = asked(session, actor)
    job._end(pairing, token, Opened(events.Link.ONLINE, phone=phone))
    leases.release(token)
    pairing.refresh_from_db()
    session.refresh_from_db()
    return pairing


def unlinked(session: WhatsAppSession, actor: User) -> WhatsAppSession:
    services.unlink(session=session, actor=actor)
    return WhatsAppSession.objects.get(pk=session.pk)


def opens_well(session: WhatsAppSession) -> None:
    history.set_state(session.link.pk, State.ONLINE)


@pytest.mark.parametrize("what", ["opened_at", "warm_at"])
def test_another_number_is_not_linked_to_a_session_that_has_chats(
    session: WhatsAppSession, actor: User, what: str
) -> None:
    """They would be its open chats, and its first messages no new ones."""
    Chat.objects.update(**{"opened_at": None, what: timezone.now()})
    attempt = link(unlinked(session, actor), actor, OTHER)
    assert (attempt.status, attempt.reason) == (Pairing.Status.FAILED, Code.NEW_NUMBER)
    assert "crie outra conexão" in attempt.explanation
    session = WhatsAppSession.objects.get(pk=session.pk)
    assert (session.state, session.phone, session.linked_at) == (State.UNLINKED, MINE, None)


def test_no_code_is_asked_for_such_a_number(session: WhatsAppSession, actor: User) -> None:
    session = unlinked(session, actor)
    with pytest.raises(Refused) as refused:
        asked(session, actor, OTHER)
    assert "90007-4199" in str(refused.value)
    assert "98765-4321" in str(refused.value)
    assert not Pairing.objects.exists()


def test_its_own_number_is_linked_again_whatever_form_it_has(
    session: WhatsAppSession, actor: User
) -> None:
    assert link(unlinked(session, actor), actor, "+551187654321").status == Pairing.Status.LINKED


def test_a_number_that_was_wrong_from_the_start_is_replaced_and_leaves_no_limit(
    session: WhatsAppSession, actor: User
) -> None:
    Chat.objects.update(opened_at=None, looked_up_at=timezone.now())
    later = timezone.now() + timedelta(hours=1)
    WhatsAppSession.objects.update(new_chats_left=0, new_chats_until=later)
    session = unlinked(session, actor)
    assert link(session, actor, OTHER).status == Pairing.Status.LINKED
    assert (session.phone, session.new_chats_left, session.new_chats_until) == (OTHER, None, None)


def test_an_account_is_of_one_session_of_its_business(
    session: WhatsAppSession, actor: User
) -> None:
    """Two would count its new chats twice, and what WhatsApp did to it in neither."""
    unlinked(session, actor)
    second = services.create_session(business=session.business, name="Outra", actor=actor)
    services.accept_terms(session=second, actor=actor)
    attempt = link(second, actor, "+551187654321")
    assert (attempt.status, attempt.reason) == (Pairing.Status.FAILED, Code.OTHER_SESSION)
    assert session.name in attempt.explanation
    with pytest.raises(Refused, match=session.name):
        asked(second, actor, MINE)


def test_an_account_that_another_business_has_linked_is_linked_once_it_is_free(
    session: WhatsAppSession, actor: User
) -> None:
    theirs = services.create_session(business=factories.make_business(), name="Sua", actor=actor)
    services.accept_terms(session=theirs, actor=actor)
    attempt = link(theirs, actor, MINE)
    assert attempt.reason == Code.OTHER_BUSINESS
    assert session.name not in attempt.explanation
    unlinked(session, actor)
    assert link(theirs, actor, MINE).status == Pairing.Status.LINKED


@pytest.mark.django_db(transaction=True)
def test_of_two_sessions_that_are_linked_to_one_account_at_once_one_is_refused(
    actor: User,
) -> None:
    business = factories.make_business()
    tries = []
    for name in ("Uma", "Outra"):
        one = services.create_session(business=business, name=name, actor=actor)
        services.accept_terms(session=one, actor=actor)
        tries.append(asked(one, actor))

    def linked(pairing: Pairing, token: LeaseToken) -> str:
        try:
            services.linked(pairing, token=token, phone=MINE)
        except OtherAccount as why:
            return why.reason
        return ""

    at_once = [Beside(lambda attempt=attempt: linked(*attempt)) for attempt in tries]
    assert sorted(one.result() for one in at_once) == ["", Code.OTHER_SESSION]


# What WhatsApp did to the account


@pytest.mark.parametrize("state", [State.RESTRICTED, State.BANNED])
def test_a_restriction_stands_until_the_account_is_well_again_on_its_own_link(
    session: WhatsAppSession, actor: User, state: State
) -> None:
    factories.lead(session, state)
    session = unlinked(session, actor)
    assert session.restriction == state
    assert link(session, actor, OTHER).reason == Code.NEW_NUMBER
    link(session, actor, MINE)
    assert session.restriction == state, "linked, and not yet seen to be well"
    opens_well(session)
    session.refresh_from_db()
    assert session.restriction == ""


def test_a_restricted_session_without_a_chat_takes_no_other_number(
    session: WhatsAppSession, actor: User
) -> None:
    Chat.objects.all().delete()
    factories.lead(session, State.BANNED)
    assert link(session, actor, OTHER).reason == Code.NEW_NUMBER


def test_who_links_a_restricted_account_anew_waits_until_the_end_that_it_told(
    session: WhatsAppSession, actor: User
) -> None:
    until = timezone.now() + timedelta(hours=scaled(5))
    history.set_state(
        session.link.pk, State.RESTRICTED, Code.NO_MESSAGES,
        params={UNTIL: until.isoformat()}, until=until,
    )  # fmt: skip
    session = unlinked(session, actor)
    link(session, actor, MINE)
    assert (session.state, session.state_reason) == (State.RESTRICTED, Code.NO_MESSAGES)
    assert session.state_until == until
    assert session.state_end_is_told


def test_one_that_told_no_end_is_looked_at_before_anything_goes(
    session: WhatsAppSession, actor: User
) -> None:
    history.set_state(session.link.pk, State.RESTRICTED, Code.NO_NEW_CHATS)
    session = unlinked(session, actor)
    link(session, actor, MINE)
    assert session.state == State.RESTRICTED
    assert session.state_until is not None
    assert session.state_until <= timezone.now()


def test_no_other_kind_of_link_is_chosen_for_it(
    session: WhatsAppSession, actor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "offered", lambda: {"direct": None})
    factories.lead(session, State.RESTRICTED)
    session = unlinked(session, actor)
    with pytest.raises(Refused, match="restringiu"):
        kinds.choose(session=session, transport="direct", actor=actor)


def test_what_support_wrote_of_a_ban_is_not_for_the_next_one(
    session: WhatsAppSession, actor: User
) -> None:
    factories.lead(session, State.BANNED)
    WhatsAppSession.objects.update(released_because="Banida, chamado 12")
    link(session, actor, MINE)
    opens_well(session)
    factories.lead(session, State.BANNED)
    session.refresh_from_db()
    assert (session.restriction, session.released_because) == (State.BANNED, "")
