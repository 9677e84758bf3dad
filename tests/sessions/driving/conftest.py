"""What the tests of driving share."""

import pytest

from campaigns.models import Campaign
from sessions.driving import runners
from sessions.models import Runner, WhatsAppSession
from tests import factories


@pytest.fixture
def runner(db: None) -> runners.Heartbeat:
    """A runner of this process, with its row."""
    made = runners.Heartbeat()
    Runner.objects.create(pk=made.id, node="a", host="here", pid=1, born=0)
    return made


@pytest.fixture
def campaign(session: WhatsAppSession) -> Campaign:
    """What is running through the session."""
    return factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
