"""What the tests of campaigns share: a campaign under way, and who may send for it."""

import pytest

from blu.accounts.models import Business, Membership
from campaigns.models import Campaign
from sessions.interfaces import LeaseToken
from tests import factories
from tests.leasing import hold


@pytest.fixture
def business(db: None) -> Business:
    """A business without anybody."""
    return factories.make_business()


@pytest.fixture
def campaign(business: Business) -> Campaign:
    """A campaign under way, with its footer."""
    return factories.make_campaign(business, Campaign.Status.RUNNING, footer="Responda SAIR")


@pytest.fixture
def token(campaign: Campaign) -> LeaseToken:
    """Whoever drives the campaign's session."""
    return hold(campaign.session_id)


@pytest.fixture
def running(owner: Membership) -> Campaign:
    """A campaign under way that somebody watches: who is signed in launched it."""
    return factories.make_campaign(
        owner.business, status="running", launched_by=owner.user, recipients=3
    )
