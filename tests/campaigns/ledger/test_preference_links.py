"""The link to a person's own page in a message: theirs alone, made as it leaves, and never seen by the team."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.ledger import snapshot
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.messages import content
from campaigns.models import Campaign, Delivery
from contacts.preferences import links
from sessions.interfaces import InDoubt, LeaseToken
from tests import factories
from tests.campaigns.ledger.claiming import claim
from tests.leasing import hold

pytestmark = pytest.mark.django_db
LINK = re.compile(r"/p/([^/]+)/")


@pytest.fixture
def launched() -> Campaign:
    """A campaign with the link in its text, frozen for one person."""
    campaign = factories.make_campaign(
        factories.make_business(),
        Campaign.Status.LAUNCHING,
        body="Oi! Escolha o que recebe: {{preferências}}",
    )
    lucia = factories.make_contact(campaign.business)
    factories.subscribe(lucia, campaign.topic)
    snapshot.take(campaign.pk)
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def token(launched: Campaign) -> LeaseToken:
    return hold(launched.session_id)


def test_the_message_that_leaves_holds_a_link_to_the_page_of_who_gets_it(
    launched: Campaign, token: LeaseToken
) -> None:
    text = claim(token).content.body
    found = LINK.search(text)
    assert found
    link = links.opened(found[1])
    assert link.contact == Delivery.objects.get().contact
    assert link.holds_the_number
    assert abs(link.until - links.OPEN - timezone.now()) < timedelta(minutes=1)


def test_a_message_in_doubt_is_looked_for_by_the_very_text_that_left(
    launched: Campaign, token: LeaseToken
) -> None:
    outbox = LedgerOutbox()
    claimed = claim(token, outbox)
    outbox.before_wire(token, claimed.key)
    outbox.settle(token, claimed.key, InDoubt("link_lost"))
    (doubt,) = outbox.uncertain_messages(token)
    assert doubt.content == claimed.content


def test_the_team_sees_no_link_that_opens_anything(launched: Campaign, token: LeaseToken) -> None:
    claim(token)
    shown = content.text_for(Delivery.objects.select_related("campaign__business").get())
    assert "/p/…" in shown
    assert not LINK.search(shown)
