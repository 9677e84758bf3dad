"""Campaigns, the ledger, decisions, replies, limits and alerts; one subject a file."""

from campaigns.models.alert import SessionAlert
from campaigns.models.campaign import Campaign
from campaigns.models.decision import Decision
from campaigns.models.early_receipt import EarlyReceipt
from campaigns.models.hold import Hold
from campaigns.models.ledger import Delivery, LedgerRow, Notice
from campaigns.models.ledger_states import Reason, Status
from campaigns.models.limits import SessionLimits
from campaigns.models.proof import NumberProof
from campaigns.models.reply import Reply
from campaigns.models.template import Template

__all__ = [
    "Campaign",
    "Decision",
    "Delivery",
    "EarlyReceipt",
    "Hold",
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
