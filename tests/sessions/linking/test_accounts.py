"""Which account a session may be linked to, and that no new link lifts what WhatsApp did to its account."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from blu.accounts.models import User
from blu.accounts.refused import Refused
from blu.db.clock import scaled
from sessions import events
from sessions.driving import history, leases, link_updates
from sessions.interfaces import LeaseToken, LinkLost, Opened
from sessions.linking import job, kinds, services
from sessions.linking.accounts import OtherAccount
from sessions.models import Chat, Link, Pairing, WhatsAppSession
from sessions.reasons import UNTIL, Code
from sessions.states import State
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
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
    Chat.objects.create(
        session=made, phone=factories.make_phone(), opened_at=timezone.now() - timedelta(hours=25)
    )
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


def test_a_number_begins_no_new_day_of_new_chats_in_another_business(
    session: WhatsAppSession, actor: User
) -> None:
    Chat.objects.update(opened_at=timezone.now() - timedelta(hours=23))
    unlinked(session, actor)
    theirs = services.create_session(business=factories.make_business(), name="Sua", actor=actor)
    services.accept_terms(session=theirs, actor=actor)
    attempt = link(theirs, actor, "+551187654321")
    assert (attempt.status, attempt.reason) == (Pairing.Status.FAILED, Code.BEGAN_ELSEWHERE)
    assert link(session, actor, MINE).status == Pairing.Status.LINKED
    unlinked(session, actor)
    Chat.objects.update(opened_at=timezone.now() - timedelta(hours=25))
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


def test_who_links_one_anew_whose_end_is_over_is_not_restricted_again(
    session: WhatsAppSession, actor: User
) -> None:
    restrict(session, ends=timezone.now() - timedelta(days=30))
    session = unlinked(session, actor)
    link(session, actor, MINE)
    assert (session.state, session.restriction) == (State.RESTING, State.RESTRICTED)
    opens_well(session)
    session.refresh_from_db()
    assert (session.restriction, session.restricted_until) == ("", None)


def restrict(session: WhatsAppSession, ends: datetime) -> None:
    history.set_state(
        session.link.pk, State.RESTRICTED, Code.NO_MESSAGES,
        params={UNTIL: ends.isoformat()}, until=ends,
    )  # fmt: skip


def test_another_business_that_links_a_restricted_account_waits_as_well(
    session: WhatsAppSession, actor: User
) -> None:
    ends = timezone.now() + timedelta(hours=scaled(5))
    restrict(session, ends)
    unlinked(session, actor)
    theirs = services.create_session(business=factories.make_business(), name="Sua", actor=actor)
    services.accept_terms(session=theirs, actor=actor)
    link(theirs, actor, MINE)
    assert (theirs.state, theirs.state_until) == (State.RESTRICTED, ends)
    assert (theirs.restriction, theirs.restricted_until) == (State.RESTRICTED, ends)


def test_a_number_whose_device_was_taken_off_the_phone_is_free_for_another_business(
    session: WhatsAppSession, actor: User
) -> None:
    factories.lead(session, State.LOGGED_OUT)
    theirs = services.create_session(business=factories.make_business(), name="Sua", actor=actor)
    services.accept_terms(session=theirs, actor=actor)
    assert link(theirs, actor, MINE).status == Pairing.Status.LINKED


def test_nobody_who_types_a_number_is_told_that_another_business_has_it(
    session: WhatsAppSession, actor: User
) -> None:
    theirs = services.create_session(business=factories.make_business(), name="Sua", actor=actor)
    services.accept_terms(session=theirs, actor=actor)
    assert services.request_pairing(session=theirs, actor=actor, phone=MINE).pk


def test_two_sessions_that_had_one_number_before_there_was_this_rule_lock_none_out(
    session: WhatsAppSession, actor: User
) -> None:
    second = factories.make_session(session.business, phone=MINE, terms_accepted_at=timezone.now())
    for one in (session, second):
        factories.lead(one, State.LOGGED_OUT)
    assert link(second, actor, MINE).status == Pairing.Status.LINKED
    assert link(session, actor, MINE).reason == Code.OTHER_SESSION


def test_what_another_link_was_told_ends_with_that_link_while_the_active_one_stays_online(
    session: WhatsAppSession,
) -> None:
    factories.lead(session, State.ONLINE)
    kept = factories.make_link(session, state="resting")
    history.set_state(kept.pk, State.RESTRICTED, Code.NO_MESSAGES)
    session.refresh_from_db()
    assert session.restriction == State.RESTRICTED
    history.set_state(kept.pk, State.ONLINE)
    session.refresh_from_db()
    assert session.restriction == ""


def test_one_links_well_being_lifts_nothing_that_another_was_told(session: WhatsAppSession) -> None:
    kept = factories.make_link(session, state="resting")
    factories.lead(session, State.RESTRICTED)
    history.set_state(kept.pk, State.ONLINE)
    session.refresh_from_db()
    assert session.restriction == State.RESTRICTED


def test_whose_a_ban_is_that_another_link_meets_at_its_pairing_nobody_knows(
    session: WhatsAppSession,
) -> None:
    other = factories.make_link(session, state="pairing", linked_at=None, phone="")
    history.set_state(other.pk, State.BANNED, Code.BANNED)
    session.refresh_from_db()
    assert session.restriction == ""


def test_a_link_whose_number_was_unknown_is_stopped_when_it_turns_out_to_be_another(
    session: WhatsAppSession, actor: User
) -> None:
    session = unlinked(session, actor)
    link(session, actor, "")
    with pytest.raises(LinkLost) as lost:
        link_updates.opened(hold(session.pk), Opened(events.Link.ONLINE, phone=OTHER))
    assert lost.value.reason == Code.OTHER_ACCOUNT
    session.refresh_from_db()
    assert session.phone == MINE


@pytest.mark.django_db(transaction=True)
def test_who_is_woken_while_a_restriction_is_told_and_who_tells_it_wait_for_each_other(
    session: WhatsAppSession,
) -> None:
    with owner_connection() as line:
        line.execute("SELECT 1 FROM wa_sessions_whatsappsession FOR UPDATE")
        waking = Beside(lambda: transaction.atomic(link_updates.wake)(session.pk))
        waking.waits()
        telling = Beside(lambda: history.set_state(session.link.pk, State.RESTRICTED))
        telling.waits(beside=1)
        line.rollback()
        assert telling.result()
        waking.result()
