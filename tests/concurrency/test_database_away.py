"""PostgreSQL goes away for some seconds while a drive sends: nothing is lost, nothing comes twice.

The suite's own server serves everybody else, so this house has one of its own.
"""

import signal
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from blu.ops import dev_database, dev_secrets
from sessions.simulator.client import SimulatorClient
from tests import factories
from tests.concurrency.driver import visit
from tests.eventually import eventually
from tests.forked import Fork, Tell
from tests.prepared import begin_with_tables
from tests.sessions.linked_account import new_person
from tests.sessions.linked_session import make_linked_session
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes

RECIPIENTS = 60


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The data folder of a trial of its own, whose database has its tables."""
    begin_with_tables(tmp_path / "var")
    return tmp_path / "var"


def url_of(house: Path) -> str:
    return dev_secrets.database_url(house, "blu_owner")


def counts(house: Path) -> dict[str, int]:
    with psycopg.connect(url_of(house)) as reader:
        rows = reader.execute("SELECT status, count(*) FROM campaigns_delivery GROUP BY status")
        return dict(rows.fetchall())


def seed(_tell: Tell, recipients: int) -> int:
    """A linked session with a running campaign, where no test could make them; the session's id."""
    session = make_linked_session(SimulatorClient(settings.SIMULATOR_URL))
    campaign = factories.make_campaign(session.business, "running", session=session)
    for _number in range(recipients):
        contact = factories.make_contact(campaign.business, phone=new_person())
        factories.make_delivery(campaign, contact)
    return session.pk


def test_a_restart_of_postgresql_loses_and_repeats_nothing(
    house: Path, simulator: SimulatorProcess, fork: Fork
) -> None:
    begin = partial(fork, url=url_of(house), simulator=simulator.url, SIMULATED_DELAY=(0.05, 0.05))
    with dev_database.running(house):
        session = int(begin(seed, RECIPIENTS).result())
        # A visit whose claim was cut off ends, and the next one settles it; of one that has sent the outcome is written once it can be.
        driver = begin(visit, session, "sent")
        driver.stalls_at("sent")
    driver.send(signal.SIGUSR1)
    eventually(lambda: "database_away" in driver.log)
    with dev_database.running(house):
        driver.result()
        for _visit in range(3):
            if not counts(house).keys() & {"queued", "sending"}:
                break
            begin(visit, session).result()
        ended = counts(house)
    assert not ended.keys() & {"queued", "sending", "failed", "skipped"}, ended
    assert ended.get("uncertain", 0) <= 1, ended
    seen = [message["to"] for message in simulator.messages()]
    twice = [m for m in simulator.messages() if seen.count(m["to"]) > 1]
    assert not twice, f"somebody saw it twice: {twice} {ended}"
    assert RECIPIENTS - ended.get("uncertain", 0) <= len(seen) <= RECIPIENTS
