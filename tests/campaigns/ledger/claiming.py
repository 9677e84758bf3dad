"""Steps of a drive, for tests of the ledger under it."""

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Delivery
from sessions.interfaces import LeaseToken, Outgoing


def claim(token: LeaseToken, outbox: LedgerOutbox | None = None) -> Outgoing:
    """The next message, which there must be."""
    claimed = (outbox or LedgerOutbox()).next(token)
    assert isinstance(claimed, Outgoing)
    return claimed


def reread(delivery: Delivery) -> Delivery:
    """The row as the database has it."""
    delivery.refresh_from_db()
    return delivery
