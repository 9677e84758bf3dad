"""Campaigns, the ledger, decisions, replies, limits and alerts; one subject a file."""

from campaigns.models.alert import SessionAlert
from campaigns.models.campaign import Campaign
from campaigns.models.decision import Decision
from campaigns.models.early_receipt import EarlyReceipt
from campaigns.models.ledger import Delivery, LedgerRow, Notice
from campaigns.models.limits import SessionLimits
from campaigns.models.proof import NumberProof
from campaigns.models.reply import Reply
from campaigns.models.template import Template
from campaigns.transitions import Reason, Status

__all__ = [
    "Campaign",
    "Decision",
    "Delivery",
    "EarlyReceipt",
    "LedgerRow",
    "Notice",
    "NumberProof",
    "Reason",
    "Reply",
    "SessionAlert",
    "SessionLimits",
    "Status",
    "Template",
]
