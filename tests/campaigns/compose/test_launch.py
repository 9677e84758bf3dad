"""Launching: what it asks for, and that two people launching at once launch once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import TextChoices
from django.utils.translation import override

from blu.accounts.models import User
from blu.accounts.refused import Refused
from campaigns import lifecycle
from campaigns.lifecycle import Lack, MoveRefusal
from campaigns.messages.variables import Fault
from campaigns.models import Campaign
from contacts.models import Subscription
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection

pytestmark = pytest.mark.django_db

Enqueued = list[tuple[str, tuple[object, ...]]]


@pytest.fixture
def draft(db: None) -> Campaign:
    campaign = factories.make_campaign(factories.make_business("Clínica Horizonte"))
    assert campaign.topic is not None
    factories.subscribe(factories.make_contact(campaign.business), campaign.topic)
    return campaign


@pytest.fixture
def actor(db: None) -> User:
    return factories.make_user()


def launched(campaign: Campaign, actor: User) -> Campaign:
    return lifecycle.launch(campaign_id=campaign.pk, business=campaign.business, actor=actor)


def test_a_draft_is_launched_and_rung_for_on_commit(
    draft: Campaign,
    actor: User,
    enqueued: Enqueued,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        campaign = launched(draft, actor)
        assert enqueued == []
    assert enqueued == [("blu.tasks.take_snapshot", (draft.pk,))]
    assert (campaign.status, campaign.launched_by) == (Campaign.Status.LAUNCHING, actor)
    assert campaign.footer == "Clínica Horizonte · Responda SAIR para não receber mais"
    assert campaign.launched_at is not None


def test_contacts_read_portuguese_whoever_launches(
    draft: Campaign, actor: User, enqueued: Enqueued
) -> None:
    with override("en"):
        assert launched(draft, actor).footer.endswith("Responda SAIR para não receber mais")


def test_a_second_launch_gives_the_first_one_back(
    draft: Campaign,
    actor: User,
    enqueued: Enqueued,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        launched(draft, actor)
        again = launched(draft, factories.make_user())
    assert len(enqueued) == 1
    assert again.launched_by == actor


def test_another_business_can_not_launch_it(
    draft: Campaign, actor: User, enqueued: Enqueued
) -> None:
    with pytest.raises(Campaign.DoesNotExist):
        lifecycle.launch(
            campaign_id=draft.pk, business=factories.make_business("Outra"), actor=actor
        )


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"topic": None}, Lack.TOPIC, "assunto"),
        ({"session": None}, Lack.SESSION, "WhatsApp"),
        ({"body": "  "}, Lack.TEXT, "Falta escrever a mensagem"),
        ({"body": "Olá, {{inexistente}}"}, Fault.UNKNOWN_NAME, "inexistente"),
        ({"status": Campaign.Status.CANCELLED}, MoveRefusal.DISCARDED, "cancelada"),
    ],
)
def test_what_is_missing_is_a_code_with_its_words_and_nothing_is_launched(
    draft: Campaign,
    actor: User,
    enqueued: Enqueued,
    change: dict[str, Any],
    code: TextChoices,
    said: str,
) -> None:
    Campaign.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(Refused, match=said) as refused:
        launched(draft, actor)
    assert refused.value.code == code
    draft.refresh_from_db()
    assert draft.launched_at is None


def test_an_unlinked_session_launches_nothing(
    draft: Campaign, actor: User, enqueued: Enqueued
) -> None:
    assert draft.session is not None
    factories.change_session(draft.session, linked_at=None)
    draft.session.refresh_from_db()
    with pytest.raises(Refused, match="Falta conectar um WhatsApp"):
        launched(draft, actor)


def test_a_refusal_is_read_in_the_language_of_who_reads_it(
    draft: Campaign, actor: User, enqueued: Enqueued
) -> None:
    Campaign.objects.filter(pk=draft.pk).update(body="")
    with pytest.raises(Refused) as refused:
        launched(draft, actor)
    said = str(refused.value)
    with override("en"):
        assert str(refused.value) not in ("", said)


def test_an_empty_audience_launches_nothing(
    draft: Campaign, actor: User, enqueued: Enqueued
) -> None:
    Subscription.objects.all().delete()
    with pytest.raises(Refused, match="Ninguém"):
        launched(draft, actor)
    draft.refresh_from_db()
    assert draft.status == Campaign.Status.DRAFT


@pytest.mark.django_db(transaction=True)
def test_two_people_launching_at_once_launch_once(
    draft: Campaign, actor: User, enqueued: Enqueued
) -> None:
    """Both pass the gate together: a lock on the row lines them up, released at once for both."""
    other = factories.make_user()
    with owner_connection() as line:
        line.execute("SELECT 1 FROM campaigns_campaign FOR UPDATE")
        both = [Beside(lambda who=who: launched(draft, who)) for who in (actor, other)]
        for one in both:
            one.waits()
        line.rollback()
        campaigns = [one.result() for one in both]
    assert campaigns[0].launched_by == campaigns[1].launched_by
    assert campaigns[0].launched_at == campaigns[1].launched_at
    assert enqueued == [("blu.tasks.take_snapshot", (draft.pk,))]
