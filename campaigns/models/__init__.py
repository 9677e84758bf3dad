"""Campaigns, the ledger, replies and limits; one subject a file."""

from campaigns.models.campaign import Campaign
from campaigns.models.ledger import Delivery, LedgerRow, Notice
from campaigns.models.limits import SessionLimits
from campaigns.models.reply import Reply
from campaigns.models.template import Template
from campaigns.transitions import Reason, Status

__all__ = [
    "Campaign",
    "Delivery",
    "LedgerRow",
    "Notice",
    "Reason",
    "Reply",
    "SessionLimits",
    "Status",
    "Template",
]
