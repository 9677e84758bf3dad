"""A stop is a row of its own: it outlives the contact, and nobody but the person lifts it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from blu.accounts.models import Business
from campaigns.models import Reply
from contacts import consent, evidence, stops
from contacts.models import Source, State, Stop, Subscription
from tests import factories

PHONE, OLD_FORM = "+5511987654321", "+551187654321"

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    return factories.make_business()


def keep(business: Business, *keys: str, message: str = "A1", **said: object) -> bool:
    return stops.keep(
        business_id=business.pk,
        keys=keys,
        source=Source.WHATSAPP,
        evidence=evidence.message(message),
        **said,  # type: ignore[arg-type]
    )


def came_back(business: Business, person: str = PHONE, message: str = "A2") -> None:
    key = {"phone": person} if person.startswith("+") else {"called": person}
    Reply.objects.create(
        business=business,
        session=factories.make_session(business),
        message_id=message,
        kind=Reply.Kind.RETURN,
        text="VOLTAR",
        at=timezone.now(),
        **key,
    )


def test_a_stop_is_found_by_the_number_in_either_form(business: Business) -> None:
    assert keep(business, stops.key_of(OLD_FORM))
    assert not keep(business, stops.key_of(PHONE)), "it stood already"
    assert stops.of_number(business.pk, OLD_FORM) == stops.of_number(business.pk, PHONE)
    assert Stop.objects.get().key == PHONE
    assert stops.of_number(factories.make_business().pk, PHONE) is None


@pytest.mark.parametrize("key", [OLD_FORM, "11987654321", "lid:", "ana", ""])
def test_what_is_no_key_is_refused(business: Business, key: str) -> None:
    with pytest.raises(IntegrityError, match="stop_key"), transaction.atomic():
        Stop.objects.create(business=business, key=key, source=Source.WHATSAPP)


def test_a_stop_outlives_the_contact(business: Business) -> None:
    contact = factories.make_contact(business, phone=PHONE)
    keep(business, PHONE)
    contact.delete()
    again = factories.make_contact(business, phone=PHONE)
    with pytest.raises(consent.Refused):
        consent.grant(contact=again, topic=factories.make_topic(business), source=Source.PAPER)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM contacts_stop",
        "UPDATE contacts_stop SET key = '+5511911112222'",
        "UPDATE contacts_stop SET business_id = business_id + 1",
        "UPDATE contacts_stop SET why = 'other_person'",
        "UPDATE contacts_stop SET until = now()",
        "UPDATE contacts_stop SET lifted_at = now()",
        "UPDATE contacts_stop SET lifted_at = now(), lifted_ref = 'A9'",
        "UPDATE contacts_stop SET lifted_at = now(), lifted_ref = 'A2'",
        "UPDATE contacts_stop SET evidence_ref = 'A9'",
    ],
)
def test_nobody_takes_a_stop_away(business: Business, change: str) -> None:
    """Not even with somebody else's VOLTAR, which is A2."""
    keep(business, PHONE)
    came_back(business, "+5511911112222")
    with pytest.raises(Exception, match="stop"), transaction.atomic():
        connection.cursor().execute(change)
    assert stops.of_number(business.pk, PHONE)


def test_the_person_lifts_it_and_may_stop_again(business: Business) -> None:
    keep(business, PHONE)
    came_back(business)
    assert stops.lift(business_id=business.pk, keys=[PHONE], reference="A2") == 1
    assert stops.of_number(business.pk, PHONE) is None
    assert keep(business, PHONE, message="A3")
    assert Stop.objects.count() == 2


def test_a_lifted_stop_is_not_put_back(business: Business) -> None:
    keep(business, PHONE)
    came_back(business)
    stops.lift(business_id=business.pk, keys=[PHONE], reference="A2")
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Stop.objects.update(lifted_at=None, lifted_ref="")


def test_a_stop_with_a_date_is_over_then_and_is_only_made_longer(business: Business) -> None:
    now = timezone.now()
    keep(business, PHONE, until=now - timedelta(seconds=1))
    assert stops.of_number(business.pk, PHONE) is None
    keep(business, PHONE, until=now + timedelta(days=30))
    keep(business, PHONE, until=now + timedelta(days=1))
    stop = stops.of_number(business.pk, PHONE)
    assert stop
    assert stop.until == now + timedelta(days=30)
    keep(business, PHONE)
    keep(business, PHONE, until=now + timedelta(days=1))
    assert Stop.objects.get().until is None


def test_nothing_is_granted_without_a_consent(business: Business) -> None:
    """By whoever writes the subscription, and not by an older consent that was taken back."""
    contact, topic = factories.make_contact(business), factories.make_topic(business)
    row = Subscription(business=business, contact=contact, topic=topic, state=State.GRANTED)
    with pytest.raises(IntegrityError, match="without a consent"), transaction.atomic():
        row.save()
    factories.subscribe(contact, topic)
    consent.revoke(contact=contact, topic=topic, source=Source.PAPER, actor=factories.make_user())
    with pytest.raises(IntegrityError, match="without a consent"), transaction.atomic():
        Subscription.objects.update(state=State.GRANTED)
    assert Subscription.objects.get().state == State.REVOKED


def test_one_row_without_a_consent_refuses_the_whole_statement(business: Business) -> None:
    topic = factories.make_topic(business)
    agreed, other = factories.make_contact(business), factories.make_contact(business)
    factories.subscribe(agreed, topic)
    factories.subscribe(other, topic, State.REVOKED)
    with pytest.raises(IntegrityError, match="without a consent"), transaction.atomic():
        Subscription.objects.update(state=State.GRANTED)


def test_who_was_taken_out_by_the_team_is_not_brought_back_by_their_own_return(
    business: Business,
) -> None:
    contact = factories.make_contact(business)
    mine, theirs = factories.make_topic(business), factories.make_topic(business)
    for topic in (mine, theirs):
        factories.subscribe(contact, topic)
    consent.revoke(contact=contact, topic=theirs, source=Source.PAPER, actor=factories.make_user())
    message = evidence.message("A1")
    assert consent.revoke_all(contact=contact, source=Source.WHATSAPP, evidence=message) == 1
    assert consent.grant_back(contact=contact, source=Source.WHATSAPP, evidence=message) == 1
    granted = Subscription.objects.filter(state=State.GRANTED)
    assert list(granted.values_list("topic", flat=True)) == [mine.pk]
