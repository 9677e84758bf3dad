"""A session of the database that is linked to an account of a real simulator."""

import time
from typing import Any

from sessions.models import WhatsAppSession
from sessions.ports import Home, Link
from sessions.transports.memory import MemoryTransport
from tests import factories
from tests.sessions.linked_account import new_account, scanning
from tests.simulator_process import SimulatorProcess


def make_linked_session(simulator: SimulatorProcess, **fields: Any) -> WhatsAppSession:
    """A resting memory session, linked by QR to an account of its own."""
    account = new_account()
    business = fields.pop("business", None) or factories.make_business()
    session = factories.make_session(business, phone=account, **fields)
    link_to(simulator, session.home, account)
    return session


def link_to(simulator: SimulatorProcess, home: str, account: str) -> None:
    """Link the account under the name by which memory sessions are known."""
    transport = MemoryTransport()
    transport.open(Home(home, simulator.data, simulator.url))
    opened = transport.pair(scanning(simulator, account), time.monotonic() + 30)
    assert opened.link is Link.ONLINE
    transport.close()
