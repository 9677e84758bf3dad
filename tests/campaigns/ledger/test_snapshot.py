"""The snapshot: whom it freezes, with what, and that repeating it adds nobody."""

import pytest
from django.db import connection

from campaigns.ledger import snapshot
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts.models import Contact, State
from sessions.models import Chat
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def launching(db: None) -> Campaign:
    return factories.make_campaign(
        factories.make_business(), Campaign.Status.LAUNCHING, body="Olá, {{nome|tudo bem}}!"
    )


def subscriber(campaign: Campaign, name: str = "Lúcia Prado", **fields: object) -> Contact:
    assert campaign.topic is not None
    contact = factories.make_contact(campaign.business, name, **fields)
    factories.subscribe(contact, campaign.topic)
    return contact


def test_everybody_who_agreed_gets_one_row_and_the_campaign_runs(launching: Campaign) -> None:
    contact = subscriber(launching)
    assert snapshot.take(launching.pk) == 1
    delivery = Delivery.objects.get()
    assert (delivery.contact, delivery.phone) == (contact, contact.phone)
    assert (delivery.status, delivery.session_id) == (Status.QUEUED, launching.session_id)
    assert (delivery.business_id, delivery.attempts) == (launching.business_id, 0)
    launching.refresh_from_db()
    assert (launching.status, launching.recipients) == (Campaign.Status.RUNNING, 1)


def launch_anew() -> None:
    """As if the first worker had died before it let the campaign run, which no move leads back from."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE campaigns_campaign DISABLE TRIGGER USER")
        Campaign.objects.update(status=Campaign.Status.LAUNCHING)
        cursor.execute("ALTER TABLE campaigns_campaign ENABLE TRIGGER USER")


def test_all_rows_are_queued_at_the_launch_also_those_that_a_repetition_adds(
    launching: Campaign,
) -> None:
    subscriber(launching)
    snapshot.take(launching.pk)
    launch_anew()
    subscriber(launching)
    assert snapshot.take(launching.pk) == 2
    assert set(Delivery.objects.values_list("queued_at", flat=True)) == {launching.launched_at}


def test_who_revoked_or_never_agreed_is_left_out(launching: Campaign) -> None:
    assert launching.topic is not None
    factories.subscribe(factories.make_contact(launching.business), launching.topic, State.REVOKED)
    factories.make_contact(launching.business)
    subscriber(factories.make_campaign(factories.make_business("Outra")))
    assert snapshot.take(launching.pk) == 0


def test_a_segment_narrows_the_audience(launching: Campaign) -> None:
    launching.segment = factories.make_segment(launching.business, filter={"tags": ["vip"]})
    launching.save()
    subscriber(launching)
    vip = subscriber(launching, tags=["vip"])
    snapshot.take(launching.pk)
    assert Delivery.objects.get().contact == vip


def test_the_data_used_is_frozen(launching: Campaign) -> None:
    contact = subscriber(launching, "Lúcia Prado", attributes={"plano": "Família"})
    Campaign.objects.update(body="{{nome}}, seu plano é {{plano}}")
    snapshot.take(launching.pk)
    Contact.objects.filter(pk=contact.pk).update(name="Outro", attributes={})
    assert Delivery.objects.get().variables == {"nome": "Lúcia", "plano": "Família"}


def test_only_a_chat_of_this_session_in_which_the_person_wrote_is_warm(launching: Campaign) -> None:
    wrote, asked, elsewhere = (subscriber(launching) for _number in range(3))
    other = factories.make_session(launching.business)
    for session_id, contact, at in (
        (launching.session_id, wrote, launching.created_at),
        (launching.session_id, asked, None),
        (other.pk, elsewhere, launching.created_at),
    ):
        Chat.objects.create(session_id=session_id, phone=contact.phone, warm_at=at)
    snapshot.take(launching.pk)
    assert Delivery.objects.get(warm=True).contact == wrote


def test_a_second_snapshot_adds_nobody(launching: Campaign) -> None:
    subscriber(launching)
    snapshot.take(launching.pk)
    subscriber(launching)
    assert snapshot.take(launching.pk) == 0
    assert Delivery.objects.count() == 1


def test_rows_that_are_there_already_are_skipped(launching: Campaign) -> None:
    """As after a kill between chunks, had the snapshot chunks: who is there is not doubled."""
    factories.make_delivery(launching, subscriber(launching), status=Status.READ)
    subscriber(launching)
    assert snapshot.take(launching.pk) == 2
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["queued", "read"]


@pytest.mark.parametrize(
    "status", [Campaign.Status.DRAFT, Campaign.Status.PAUSED, Campaign.Status.CANCELLED]
)
def test_a_campaign_that_is_not_launching_is_left_alone(launching: Campaign, status: str) -> None:
    subscriber(launching)
    other = factories.make_campaign(
        launching.business, status, topic=launching.topic, session=launching.session
    )
    assert snapshot.take(other.pk) == 0
    assert not Delivery.objects.exists()


def test_a_launch_pays_for_no_trigger(launching: Campaign) -> None:
    """A launch inserts queued rows: the guard of every insert trigger must say no to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            " AND tgrelid = 'campaigns_delivery'::regclass AND tgtype & 4 = 4"
        )
        definitions = [row[0] for row in cursor.fetchall()]
    assert definitions
    assert all("WHEN (((new.status)::text <> 'queued'::text))" in text for text in definitions)


@pytest.mark.django_db(transaction=True)
class TestTwoConnections:
    def test_two_at_once_take_one(self, launching: Campaign) -> None:
        contacts = [subscriber(launching) for _number in range(3)]
        with owner_connection() as other:
            other.execute("SELECT 1 FROM campaigns_campaign FOR UPDATE")
            both = [Beside(lambda: snapshot.take(launching.pk)) for _number in range(2)]
            both[0].waits()
            other.rollback()
            taken = sorted(one.result() for one in both)
        assert taken == [0, len(contacts)]
        assert Delivery.objects.count() == len(contacts)

    def test_who_is_deleted_while_it_runs_leaves_no_row_behind(self, launching: Campaign) -> None:
        subscriber(launching)
        with owner_connection() as other:
            other.execute("DELETE FROM contacts_subscription")
            other.execute("ALTER TABLE contacts_consent DISABLE TRIGGER USER")
            other.execute("DELETE FROM contacts_consent")
            other.execute("DELETE FROM contacts_contact")
            taking = Beside(lambda: snapshot.take(launching.pk))
            taking.waits()
            other.execute("ALTER TABLE contacts_consent ENABLE TRIGGER USER")
            other.commit()
            with pytest.raises(Exception, match="delivery_contact_business"):
                taking.result()
        assert not Delivery.objects.exists()
