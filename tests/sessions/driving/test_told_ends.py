"""What the owner reads of a link that WhatsApp limits or blü stopped: no end that nobody told, and a next step."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from blu.accounts.refused import Refused
from campaigns.alerts import session_problems
from campaigns.limits import pacing
from campaigns.models import Campaign
from campaigns.notices import own_number
from sessions import health
from sessions.driving import account_limits, link_losses
from sessions.events import Link, LinkChange
from sessions.interfaces import LeaseToken, LinkLost
from sessions.models import Lease, State, WhatsAppSession
from sessions.reasons import Code
from tests import factories
from tests.clients import Client
from tests.hours import SAO_PAULO
from tests.leasing import hold

pytestmark = pytest.mark.django_db

END = timedelta(days=2)
UNKNOWN = "O WhatsApp não disse até quando: o blü tenta de novo"


@pytest.fixture
def owner(client: Client) -> Membership:
    membership = factories.make_membership()
    client.force_login(membership.user)
    return membership


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    return factories.make_session(owner.business, pacing="real", name="Recepção")


@pytest.fixture
def running(session: WhatsAppSession) -> Campaign:
    campaign = factories.make_campaign(session.business, "running", session=session)
    factories.make_delivery(campaign)
    return campaign


def held(session: WhatsAppSession) -> LeaseToken:
    """A new holder of its link."""
    Lease.objects.update(expires_at=None)
    return hold(session.pk)


def limited(session: WhatsAppSession, reason: str, *, ends: bool) -> None:
    """WhatsApp lets the account begin no new chat, with or without a word on the end."""
    until = timezone.now() + END if ends else None
    told = LinkChange(Link.ONLINE, reason, until, quota=0)
    account_limits.keep(session.link, told, token=held(session))


def read(client: Client, address: str) -> str:
    """The page's words, without tags and runs of spaces."""
    page = client.get(address, follow=True).content.decode().split("<main", 1)[1]
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize("reason", [Code.NO_NEW_CHATS, Code.NEW_CHATS_SPENT])
@pytest.mark.parametrize("ends", [True, False])
def test_an_account_that_may_begin_no_chats_is_not_called_all_right(
    client: Client, session: WhatsAppSession, reason: Code, ends: bool
) -> None:
    limited(session, reason, ends=ends)
    page = read(client, f"/whatsapp/{session.pk}/")
    assert "Tudo certo" not in page
    assert ("Sem conversas novas até" in page) is ends
    assert (UNKNOWN in page) is not ends
    assert ("restringiu esta conta" in page) is (reason == Code.NO_NEW_CHATS)
    assert "O que fazer agora" in page
    assert "Limitada" in read(client, "/whatsapp/")
    assert "Limitada" in client.get("/", follow=True).content.decode()


@pytest.mark.parametrize("ends", [True, False])
def test_a_campaign_that_waits_for_new_chats_says_so(
    client: Client, running: Campaign, session: WhatsAppSession, ends: bool
) -> None:
    limited(session, Code.NO_NEW_CHATS, ends=ends)
    for address in (f"/campanhas/{running.pk}/", "/"):
        page = read(client, address)
        assert "O WhatsApp não deixa “Recepção” começar conversas novas" in page
        assert ("começar conversas novas até" in page) is ends
        assert (UNKNOWN in page) is not ends


def test_once_the_limit_is_over_nothing_is_said(client: Client, session: WhatsAppSession) -> None:
    limited(session, Code.NO_NEW_CHATS, ends=True)
    WhatsAppSession.objects.update(new_chats_until=timezone.now())
    assert "Tudo certo" in read(client, f"/whatsapp/{session.pk}/")
    account_limits.keep(session.link, LinkChange(Link.ONLINE, "unlimited"), token=held(session))
    session.refresh_from_db()
    assert (session.new_chats_reason, session.new_chats_end_told) == ("", False)


def test_a_limited_account_still_sends_a_code_to_who_wrote_to_it(
    session: WhatsAppSession, owner: Membership
) -> None:
    limited(session, Code.NO_NEW_CHATS, ends=True)
    session.refresh_from_db()
    assert health.is_well(session)
    mine = factories.make_phone()
    with pytest.raises(Refused, match="não deixa esta conta começar conversas novas"):
        own_number.ask_for_code(membership=owner, session=session, phone=mine)
    session.chats.create(phone=mine, warm_at=timezone.now())
    assert own_number.ask_for_code(membership=owner, session=session, phone=mine)


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("days_to_sunday", [0, 3])
def test_a_restriction_has_an_end_only_where_whatsapp_told_one(
    client: Client,
    running: Campaign,
    session: WhatsAppSession,
    monkeypatch: pytest.MonkeyPatch,
    ends: bool,
    days_to_sunday: int,
) -> None:
    sunday = timezone.now().astimezone(SAO_PAULO) + timedelta(days=days_to_sunday)
    monkeypatch.setattr(pacing, "SUNDAY", sunday.weekday())
    until = timezone.now() + END if ends else None
    lost = LinkLost(Code.NO_NEW_CHATS, Link.RESTRICTED, until)
    link_losses.keep(held(session), lost)
    session.refresh_from_db()
    page = read(client, f"/whatsapp/{session.pk}/")
    assert ("Restrita até" in page) is ends
    assert (UNKNOWN in page) is not ends
    assert ("parado até" in page) is ends
    assert ("hoje é domingo" in page) is (not ends and not days_to_sunday)
    assert "o blü não permite" not in page
    said = session_problems.problem_of(session)
    assert said is not None
    assert (" até " in said.title) is ends


@pytest.mark.parametrize(("reason", "acts"), [(Code.TERMS_ASKED, True), (Code.UNKNOWN_PAGE, False)])
def test_a_stopped_link_asks_of_its_owner_only_what_only_they_can_do(
    client: Client, running: Campaign, session: WhatsAppSession, reason: Code, acts: bool
) -> None:
    factories.change_session(session, state=State.STOPPED, state_reason=reason)
    for address in (f"/whatsapp/{session.pk}/", f"/campanhas/{running.pk}/"):
        page = read(client, address)
        assert str(reason.label) in page
        assert ("Abra o WhatsApp no celular e aceite" in page) is acts
        assert not re.search(r"até \.|nessa hora", page)
    page = read(client, f"/whatsapp/{session.pk}/")
    assert ("Por enquanto, nada." in page) is not acts


def test_only_a_kept_page_is_promised_to_the_support(
    client: Client, session: WhatsAppSession
) -> None:
    factories.change_session(session, state=State.STOPPED, state_reason=Code.UNKNOWN_PAGE)
    seen = "Ele pode ver a tela que o WhatsApp mostrou"
    assert seen not in read(client, f"/whatsapp/{session.pk}/")
    factories.make_evidence(session.link)
    assert seen in read(client, f"/whatsapp/{session.pk}/")


def test_the_last_look_before_a_launch_says_once_what_is_missing(
    client: Client, session: WhatsAppSession
) -> None:
    draft = factories.make_campaign(session.business, "draft", session=session)
    factories.subscribe(factories.make_contact(session.business), draft.topic)
    page = f"/campanhas/{draft.pk}/confirmar/"
    factories.change_session(session, state=State.CONFLICT)
    assert "está aberto em outro lugar" in read(client, page)
    factories.change_session(session, state=State.RESTING)
    limited(session, Code.NO_NEW_CHATS, ends=False)
    assert "começar conversas novas" in read(client, page)
    factories.change_session(session, state=State.UNLINKED, linked_at=None)
    said = read(client, page)
    assert "Falta conectar um WhatsApp" in said
    assert "Você pode lançar" not in said


def test_of_an_empty_queue_nothing_is_said_to_leave_later(
    client: Client, session: WhatsAppSession
) -> None:
    factories.change_session(session, state=State.LOGGED_OUT)
    later = "Elas saem quando você conectar de novo."
    assert later not in read(client, f"/whatsapp/{session.pk}/")
    factories.make_delivery(factories.make_campaign(session.business, "running", session=session))
    assert later in read(client, f"/whatsapp/{session.pk}/")
