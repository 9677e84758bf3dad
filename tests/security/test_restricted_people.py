"""While WhatsApp restricts an account, its people hear nothing from the business's other accounts."""

from datetime import timedelta

import psycopg
import pytest
from django.urls import reverse
from django.utils import timezone

from blu.accounts.models import Business, Membership
from campaigns import lifecycle
from campaigns.ledger import snapshot
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits.restricted import others
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Reason, Status
from contacts.models import Contact
from sessions.driving import link_updates
from sessions.interfaces import Idle, Outgoing
from sessions.linking import services
from sessions.models import Chat, Lease, Link, WhatsAppSession
from sessions.reasons import UNTIL
from tests import factories
from tests.clients import Client
from tests.leasing import hold

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=5)


@pytest.fixture
def owner(db: None) -> Membership:
    return factories.make_membership()


@pytest.fixture
def business(owner: Membership) -> Business:
    return owner.business


@pytest.fixture
def restricted(business: Business) -> WhatsAppSession:
    """The account that WhatsApp restricted, without saying until when."""
    session = factories.make_session(business, name="Recepção")
    factories.lead(session, "restricted")
    Link.objects.filter(session=session).update(state_until=timezone.now() + LATER)
    return WhatsAppSession.objects.get(pk=session.pk)


@pytest.fixture
def campaign(business: Business) -> Campaign:
    """Under way through another account."""
    return factories.make_campaign(business, Campaign.Status.RUNNING)


def with_open_chat(session: WhatsAppSession, **how: object) -> Contact:
    contact = factories.make_contact(session.business)
    Chat.objects.create(
        session=session, phone=contact.phone, **(how or {"opened_at": timezone.now()})
    )
    return contact


def claimed(campaign: Campaign) -> Outgoing | Idle:
    assert campaign.session_id
    Lease.objects.update(expires_at=None)
    return LedgerOutbox().next(hold(campaign.session_id))


@pytest.mark.parametrize("how", ["opened_at", "warm_at", "queued"])
def test_its_people_wait_in_the_queues_of_the_others(
    campaign: Campaign, restricted: WhatsAppSession, how: str
) -> None:
    if how == "queued":
        contact = factories.make_contact(restricted.business)
        theirs = factories.make_campaign(
            restricted.business, Campaign.Status.RUNNING, session=restricted
        )
        factories.make_delivery(theirs, contact)
    else:
        contact = with_open_chat(restricted, **{how: timezone.now()})
    row = factories.make_delivery(campaign, contact)
    assert isinstance(claimed(campaign), Idle)
    row.refresh_from_db()
    assert (row.status, row.reason) == (Status.QUEUED, Reason.RESTRICTED)
    assert row.not_before > timezone.now()
    assert (row.attempts, row.fence) == (0, None)


def test_everybody_else_hears_of_them(campaign: Campaign, restricted: WhatsAppSession) -> None:
    looked_up = with_open_chat(restricted, looked_up_at=timezone.now())
    for contact in (looked_up, factories.make_contact(campaign.business)):
        factories.make_delivery(campaign, contact)
    factories.make_delivery(campaign, with_open_chat(restricted))
    outbox, token = LedgerOutbox(), hold(campaign.session_id)
    assert [isinstance(outbox.next(token), Outgoing) for _row in range(3)] == [True, True, False]


def test_another_businesss_account_changes_nothing(campaign: Campaign) -> None:
    other = factories.make_session(factories.make_business())
    factories.lead(other, "restricted")
    contact = factories.make_contact(campaign.business)
    Chat.objects.create(session=other, phone=contact.phone, warm_at=timezone.now())
    factories.make_delivery(campaign, contact)
    assert isinstance(claimed(campaign), Outgoing)


@pytest.mark.django_db(transaction=True)
def test_raw_sql_sends_them_nothing_either(
    as_blu_web: psycopg.Connection, campaign: Campaign, restricted: WhatsAppSession
) -> None:
    row = factories.make_delivery(campaign, with_open_chat(restricted))
    as_blu_web.execute(
        "UPDATE campaigns_delivery SET status = 'sending', sending_at = now() WHERE id = %s",
        [row.pk],
    )
    row.refresh_from_db()
    assert (row.status, row.reason) == (Status.QUEUED, Reason.RESTRICTED)


def test_they_go_once_the_restriction_is_over(
    campaign: Campaign, restricted: WhatsAppSession
) -> None:
    factories.make_delivery(campaign, with_open_chat(restricted))
    assert isinstance(claimed(campaign), Idle)
    factories.lead(restricted, "online")
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert isinstance(claimed(campaign), Outgoing)


def test_of_a_banned_account_support_lets_them_go_in_writing(
    campaign: Campaign, restricted: WhatsAppSession
) -> None:
    factories.lead(restricted, "banned")
    factories.make_delivery(campaign, with_open_chat(restricted))
    assert isinstance(claimed(campaign), Idle)
    WhatsAppSession.objects.filter(pk=restricted.pk).update(released_because="Banida, chamado 12")
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert isinstance(claimed(campaign), Outgoing)


@pytest.mark.parametrize("state", ["restricted", "banned"])
def test_who_unlinks_the_account_lets_nobody_go(
    campaign: Campaign, restricted: WhatsAppSession, owner: Membership, state: str
) -> None:
    factories.lead(restricted, state)
    factories.make_delivery(campaign, with_open_chat(restricted))
    services.unlink(session=restricted, actor=owner.user)
    assert isinstance(claimed(campaign), Idle)
    draft = draft_of(owner.business, [with_open_chat(restricted)])
    lifecycle.launch(campaign_id=draft.pk, business=owner.business, actor=owner.user)
    snapshot.take(draft.pk)
    assert not Delivery.objects.filter(campaign=draft).exists()


def test_of_one_that_is_linked_no_more_they_go_at_the_end_that_was_told_or_by_supports_word(
    campaign: Campaign, restricted: WhatsAppSession, owner: Membership
) -> None:
    """The phone may be lost: nobody would link it again, and they would wait for ever."""
    factories.make_delivery(campaign, with_open_chat(restricted))
    services.unlink(session=restricted, actor=owner.user)
    assert isinstance(claimed(campaign), Idle)
    for let_go, of_before in (
        ({"restricted_until": timezone.now()}, {"restricted_until": None}),
        ({"released_because": "Aparelho perdido, chamado 7"}, {"released_because": ""}),
    ):
        WhatsAppSession.objects.filter(pk=restricted.pk).update(**let_go)
        assert not others(owner.business.pk, campaign.session_id)
        WhatsAppSession.objects.filter(pk=restricted.pk).update(**of_before)
        assert others(owner.business.pk, campaign.session_id)
    WhatsAppSession.objects.filter(pk=restricted.pk).update(restricted_until=timezone.now())
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert isinstance(claimed(campaign), Outgoing)


def test_no_word_lets_them_go_while_it_is_only_restricted(
    campaign: Campaign, restricted: WhatsAppSession
) -> None:
    WhatsAppSession.objects.filter(pk=restricted.pk).update(released_because="Tenho pressa")
    factories.make_delivery(campaign, with_open_chat(restricted))
    assert isinstance(claimed(campaign), Idle)


def draft_of(business: Business, contacts: list[Contact]) -> Campaign:
    draft = factories.make_campaign(business, body="Oi", session=factories.make_session(business))
    assert draft.topic
    for contact in contacts:
        factories.subscribe(contact, draft.topic)
    return draft


def test_a_launch_leaves_them_out_and_the_confirm_page_says_so(
    client: Client, owner: Membership, restricted: WhatsAppSession
) -> None:
    business = owner.business
    mine = [factories.make_contact(business) for _number in range(2)]
    draft = draft_of(business, [with_open_chat(restricted), *mine])
    client.force_login(owner.user)
    page = client.get(f"/campanhas/{draft.pk}/confirmar/").content.decode()
    assert "1 pessoa fica de fora" in page
    assert "Lançar para 2 pessoas" in page
    lifecycle.launch(campaign_id=draft.pk, business=business, actor=owner.user)
    snapshot.take(draft.pk)
    launched = Delivery.objects.filter(campaign=draft).values_list("contact", flat=True)
    assert set(launched) == {contact.pk for contact in mine}


def test_the_confirm_page_tells_who_hears_of_us_anyway(
    client: Client, owner: Membership, campaign: Campaign
) -> None:
    business = owner.business
    contacts = [factories.make_contact(business) for _number in range(3)]
    draft = draft_of(business, contacts)
    factories.make_delivery(campaign, contacts[0])
    factories.make_delivery(campaign, contacts[1], Status.SENT)
    client.force_login(owner.user)
    page = client.get(f"/campanhas/{draft.pk}/confirmar/").content.decode()
    assert "1 delas já espera outra mensagem de vocês na fila" in page
    assert "1 delas já recebeu mensagem de vocês hoje" in page


# Looking again


def test_an_owner_has_a_restriction_without_an_end_looked_at_now_and_it_stays_one_meanwhile(
    client: Client, owner: Membership, restricted: WhatsAppSession
) -> None:
    client.force_login(owner.user)
    page = client.get(f"/whatsapp/{restricted.pk}/").content.decode()
    assert "O WhatsApp não disse até quando" in page
    assert "Olhar agora" in page
    client.post(f"/whatsapp/{restricted.pk}/olhar/")
    link = Link.objects.get(session=restricted)
    assert link.state == "restricted"
    assert link.state_until is not None
    assert link.state_until <= timezone.now()
    Link.objects.filter(pk=link.pk).update(state_until=timezone.now() + LATER)
    client.post(f"/whatsapp/{restricted.pk}/olhar/")  # once in ten minutes
    link.refresh_from_db()
    assert link.state_until > timezone.now()


def test_an_end_that_whatsapp_told_is_waited_for(restricted: WhatsAppSession) -> None:
    until = timezone.now() + LATER
    Link.objects.filter(session=restricted).update(state_params={UNTIL: until.isoformat()})
    assert not link_updates.look_again(restricted.pk)
    Link.objects.filter(session=restricted).update(state_params={})
    assert link_updates.look_again(restricted.pk)


def test_support_writes_why_people_are_let_go_of_a_banned_account_only(
    client: Client, restricted: WhatsAppSession
) -> None:
    from tests import support

    staff = factories.make_user(is_staff=True, is_superuser=True)
    support.sign_in(client, staff)
    address = reverse("admin:wa_sessions_whatsappsession_change", args=[restricted.pk])
    for state, kept in (("restricted", ""), ("banned", "Banida de vez, chamado 12")):
        factories.lead(restricted, state)
        page = client.get(address)
        data = {
            field.html_name: field.value() or "" for field in page.context["adminform"].form
        } | {"released_because": "Banida de vez, chamado 12"}
        for formset in page.context["inline_admin_formsets"]:
            management = formset.formset.management_form
            data |= {field.html_name: field.value() for field in management}
        client.post(address, data)
        restricted.refresh_from_db()
        assert restricted.released_because == kept
