"""A session of the database that is linked to an account of a real simulator."""

import time
from typing import Any

from campaigns.models import Campaign
from sessions.events import Link
from sessions.interfaces import PairingCode
from sessions.models import WhatsAppSession
from sessions.simulator.client import SimulatorClient
from sessions.transports.simulated import SimulatedTransport
from tests import factories
from tests.sessions.linked_account import new_account, new_person


def make_linked_session(simulator: SimulatorClient, **fields: Any) -> WhatsAppSession:
    """A resting simulated session, linked by QR to an account of its own."""
    account = new_account()
    business = fields.pop("business", None) or factories.make_business()
    session = factories.make_session(business, phone=account, **fields)
    link_to(simulator, session.link.home, account)
    return session


def link_to(simulator: SimulatorClient, home: str, account: str) -> None:
    """Link the account under the name by which simulated sessions are known."""

    def scanned(code: PairingCode) -> None:
        simulator.scan(code.value, account)

    transport = SimulatedTransport(simulator.url, home)
    transport.open()
    opened = transport.pair(scanned, time.monotonic() + 30)
    assert opened.link is Link.ONLINE
    transport.close()


def running_campaign(session: WhatsAppSession, recipients: int) -> Campaign:
    """A running campaign through the session, to so many people whom the simulator knows."""
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    for _number in range(recipients):
        contact = factories.make_contact(session.business, phone=new_person())
        factories.make_delivery(campaign, contact)
    return campaign
