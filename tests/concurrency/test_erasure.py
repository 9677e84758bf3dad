"""An erasure in the midst of everything: claims, sendings, launches, imports, answers, and another erasure."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.utils import timezone

from blu.accounts.refused import Refused
from blu.text.phone import read_phone
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.ledger.snapshot import take
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import Status
from contacts.erasure.services import erase_known_by
from contacts.models import Contact, Erasure, Stop
from contacts.people.services import Erased, add_contact
from sessions.events import Address, Incoming, Text
from tests import factories
from tests.concurrency import together
from tests.concurrency.waiting import Beside, owner_connection
from tests.everywhere import places_of
from tests.forked import Fork, Tell

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

PEOPLE = 40
at_once = partial(together.at_once, apart=20)


def erasing(tell: Tell, business_id: int, begins: str, phones: Sequence[str]) -> str:
    """Erase each person."""
    business = factories.Business.objects.get(pk=business_id)
    for number, phone in enumerate(phones):
        at_once(begins, number)
        erase_known_by(business=business, key=phone)
    return ""


def claiming(tell: Tell, _business_id: int, begins: str, phones: Sequence[str]) -> str:
    """Claim each person's row, and settle it a moment later."""
    for number, phone in enumerate(phones):
        at_once(begins, number)
        rows = Delivery.objects.filter(phone=phone, status=Status.QUEUED)
        pks = list(rows.values_list("pk", flat=True))
        sent = Delivery.objects.filter(pk__in=pks, status=Status.QUEUED)
        sent.update(status=Status.SENDING, sending_at=timezone.now())
        Delivery.objects.filter(pk__in=pks, status=Status.SENDING).update(
            status=Status.SENT, sent_at=timezone.now(), message_id=f"M{number}"
        )
    return ""


def answering(tell: Tell, business_id: int, begins: str, phones: Sequence[str]) -> str:
    """Hear each person's SAIR."""
    session = factories.sessions.WhatsAppSession.objects.filter(business=business_id).first()
    assert session
    for number, phone in enumerate(phones):
        at_once(begins, number)
        event = Incoming(Address(phone), f"A{number}", Text("SAIR"), timezone.now())
        LedgerOutbox().record_event(session.pk, event)
    return ""


def adding(tell: Tell, business_id: int, begins: str, phones: Sequence[str]) -> str:
    """Write each person down anew, by hand, until that is refused."""
    business = factories.Business.objects.get(pk=business_id)
    for number, phone in enumerate(phones):
        at_once(begins, number)
        try:
            add_contact(business=business, phone=read_phone(phone), name="Trazida de volta")
        except Exception as refused:  # noqa: BLE001  (taken, or erased)
            tell(type(refused).__name__)
    return ""


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    for _number in range(PEOPLE):
        factories.make_delivery(campaign)
    return campaign


@pytest.mark.parametrize("beside", [erasing, claiming, answering], ids=lambda work: work.__name__)
def test_everybody_is_erased_whatever_happens_beside_it(
    fork: Fork, campaign: Campaign, beside: Callable[..., str]
) -> None:
    phones = list(Contact.objects.order_by("pk").values_list("phone", flat=True))
    begins = together.soon()
    both = [
        fork(work, campaign.business_id, begins, phones, role="blu_jobs")
        for work in (erasing, beside)
    ]
    for one in both:
        one.result()
    assert not Contact.objects.exists()
    assert Erasure.objects.count() == PEOPLE
    assert Delivery.objects.filter(contact=None).count() == PEOPLE
    assert set(Delivery.objects.values_list("status", flat=True)) <= {"skipped", "sent"}
    if beside is answering:  # who wrote after it is a stranger: only the wish is kept
        assert set(Reply.objects.values_list("contact", "text")) <= {(None, "")}
    else:
        assert places_of(phone.lstrip("+") for phone in phones) == set()


def test_a_contact_written_down_meanwhile_is_erased_or_refused(
    fork: Fork, campaign: Campaign
) -> None:
    phones = [factories.make_phone() for _number in range(PEOPLE)]
    begins = together.soon()
    erasure = fork(erasing, campaign.business_id, begins, phones)
    adds = fork(adding, campaign.business_id, begins, phones)
    erasure.result()
    while (word := adds.hears()) == Erased.__name__:
        pass
    assert word == ""
    assert not Contact.objects.filter(phone__in=phones).exists()
    assert Stop.objects.filter(why="erased").count() == PEOPLE


def test_an_erasure_waits_for_an_audience_that_is_being_frozen(campaign: Campaign) -> None:
    """And the snapshot's rows are erased with the rest."""
    assert campaign.topic
    row = Delivery.objects.first()
    assert row
    launching = factories.make_campaign(
        campaign.business, Campaign.Status.LAUNCHING, topic=campaign.topic, session=campaign.session
    )
    with owner_connection() as other:
        other.execute("SELECT 1 FROM campaigns_campaign WHERE id = %s FOR UPDATE", [launching.pk])
        erasure = Beside(lambda: erase_known_by(business=campaign.business, key=row.phone))
        erasure.waits()
        other.rollback()
        erasure.result()
    take(launching.pk)
    assert Delivery.objects.filter(campaign=launching).count() == PEOPLE - 1


def test_an_erasure_that_waits_too_long_says_so_and_changes_nothing(campaign: Campaign) -> None:
    row = Delivery.objects.first()
    assert row
    with owner_connection() as other:
        other.execute("SELECT 1 FROM campaigns_delivery WHERE id = %s FOR UPDATE", [row.pk])
        with pytest.raises(Refused):
            erase_known_by(business=campaign.business, key=row.phone)
        other.rollback()
    assert Contact.objects.count() == PEOPLE
    assert not Erasure.objects.exists()
