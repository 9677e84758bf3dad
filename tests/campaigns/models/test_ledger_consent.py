"""Invariant 2: no row enters `sending` without a granted subscription at that moment."""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts import consent
from contacts.models import Consent, Source, State, Subscription
from sessions.interfaces import Idle, Outgoing
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.leasing import hold

_INSERT_SENDING = """
INSERT INTO campaigns_delivery (campaign_id, contact_id, business_id, session_id, phone, variables,
                                status, reason, message_id)
SELECT campaign_id, %s, business_id, session_id, phone, '{}', 'sending', '', ''
  FROM campaigns_delivery WHERE id = %s
"""


@pytest.fixture
def revoked(campaign: Campaign) -> Delivery:
    """A queued row of somebody who asked to stop after the launch."""
    delivery = factories.make_delivery(campaign)
    Subscription.objects.filter(contact=delivery.contact).update(state=State.REVOKED)
    return delivery


def test_an_update_into_sending_is_refused(revoked: Delivery) -> None:
    with pytest.raises(IntegrityError, match="no granted subscription"), transaction.atomic():
        Delivery.objects.filter(pk=revoked.pk).update(status=Status.SENDING)
    revoked.refresh_from_db()
    assert revoked.status == Status.QUEUED


def test_an_insert_into_sending_is_refused(campaign: Campaign, revoked: Delivery) -> None:
    stranger = factories.make_contact(campaign.business)
    with (
        pytest.raises(IntegrityError, match="no row begins with status sending"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(_INSERT_SENDING, [stranger.pk, revoked.pk])


def test_a_subscription_to_another_topic_is_none(campaign: Campaign, revoked: Delivery) -> None:
    factories.subscribe(revoked.contact, factories.make_topic(campaign.business))
    with pytest.raises(IntegrityError, match="no granted subscription"), transaction.atomic():
        Delivery.objects.filter(pk=revoked.pk).update(status=Status.SENDING)


def test_no_subscription_at_all_is_none(campaign: Campaign) -> None:
    delivery = factories.make_delivery(campaign)
    Subscription.objects.all().delete()
    with pytest.raises(IntegrityError, match="no granted subscription"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(status=Status.SENDING)


def test_a_row_in_sending_does_not_change_hands(campaign: Campaign, revoked: Delivery) -> None:
    """The consent of one person is no cover for a message to another."""
    delivery = factories.make_delivery(campaign)
    Delivery.objects.filter(pk=delivery.pk).update(status=Status.SENDING)
    stranger = factories.make_contact(campaign.business)
    with pytest.raises(IntegrityError, match="no granted subscription"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(contact=stranger)


def test_one_refused_row_holds_back_the_whole_statement(
    campaign: Campaign, revoked: Delivery
) -> None:
    factories.make_delivery(campaign)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(status=Status.SENDING)
    assert not Delivery.objects.filter(status=Status.SENDING).exists()


def test_an_upsert_is_no_way_round(campaign: Campaign, revoked: Delivery) -> None:
    sql = (
        _INSERT_SENDING + " ON CONFLICT (campaign_id, contact_id) DO UPDATE SET status = 'sending'"
    )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [revoked.contact_id, revoked.pk])


def test_granting_again_lets_the_row_go(revoked: Delivery) -> None:
    Subscription.objects.filter(contact=revoked.contact).update(state=State.GRANTED)
    Delivery.objects.filter(pk=revoked.pk).update(status=Status.SENDING)


def test_consent_is_append_only(campaign: Campaign) -> None:
    delivery = factories.make_delivery(campaign)
    evidence = Consent.objects.filter(contact=delivery.contact)
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        evidence.update(state=State.REVOKED)
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        evidence.delete()
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        delivery.contact.delete()
    assert evidence.get().state == State.GRANTED


@pytest.mark.django_db(transaction=True)
class TestTwoConnections:
    """What is in flight on one connection is waited for by the other."""

    def test_a_claim_waits_for_a_revocation_and_skips(self, campaign: Campaign) -> None:
        delivery = factories.make_delivery(campaign)
        token = hold(campaign.session_id)
        with owner_connection() as other:
            other.execute("UPDATE contacts_subscription SET state = 'revoked'")
            claim = Beside(lambda: LedgerOutbox().next(token))
            claim.waits()
            other.commit()
            assert isinstance(claim.result(), Idle)
        delivery.refresh_from_db()
        assert (delivery.status, delivery.reason) == (Status.SKIPPED, "no_consent")

    def test_a_claim_goes_on_when_the_revocation_is_rolled_back(self, campaign: Campaign) -> None:
        factories.make_delivery(campaign)
        token = hold(campaign.session_id)
        with owner_connection() as other:
            other.execute("UPDATE contacts_subscription SET state = 'revoked'")
            claim = Beside(lambda: LedgerOutbox().next(token))
            claim.waits()
            other.rollback()
            assert isinstance(claim.result(), Outgoing)

    def test_a_revocation_waits_for_a_claim(self, campaign: Campaign) -> None:
        delivery = factories.make_delivery(campaign)
        with owner_connection() as other:
            other.execute(
                "UPDATE campaigns_delivery SET status = 'sending', sending_at = %s",
                [timezone.now()],
            )
            revocation = Beside(
                lambda: consent.revoke_all(contact=delivery.contact, source=Source.WHATSAPP)
            )
            revocation.waits()
            other.commit()
            assert revocation.result() == 1
        delivery.refresh_from_db()
        assert delivery.status == Status.SENDING
        assert Subscription.objects.get(contact=delivery.contact).state == State.REVOKED

    def test_raw_sql_waits_for_a_revocation_and_is_refused(
        self, campaign: Campaign, as_blu_web: psycopg.Connection
    ) -> None:
        factories.make_delivery(campaign)
        with owner_connection() as other:
            other.execute("UPDATE contacts_subscription SET state = 'revoked'")
            typed = Beside(
                lambda: as_blu_web.execute("UPDATE campaigns_delivery SET status = 'sending'")
            )
            typed.waits()
            other.commit()
            with pytest.raises(psycopg.errors.CheckViolation):
                typed.result()
        assert Delivery.objects.get().status == Status.QUEUED

    def test_a_subscription_removed_in_flight_is_waited_for_too(self, campaign: Campaign) -> None:
        delivery = factories.make_delivery(campaign)
        token = hold(campaign.session_id)
        with owner_connection() as other:
            other.execute("DELETE FROM contacts_subscription")
            claim = Beside(lambda: LedgerOutbox().next(token))
            claim.waits()
            other.commit()
            assert isinstance(claim.result(), Idle)
        delivery.refresh_from_db()
        assert delivery.status == Status.SKIPPED
