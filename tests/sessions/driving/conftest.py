"""What the tests of driving share."""

import pytest

from sessions.driving import runners
from sessions.models import Runner


@pytest.fixture
def runner(db: None) -> runners.Heartbeat:
    """A runner of this process, with its row."""
    made = runners.Heartbeat()
    Runner.objects.create(pk=made.id, node="a", host="here", pid=1, born=0)
    return made
