"""WhatsApp sessions, their links and chats, leases and nodes, pairings, moves and events; one subject a file."""

from sessions.models.chats import BrowserLook, Chat
from sessions.models.evidence import EvidenceOpening, PageEvidence
from sessions.models.leases import HomeArchive, Lease, Node, Runner
from sessions.models.moves import LinkMove
from sessions.models.pairing import OPEN_PAIRING, Pairing, SessionEvent
from sessions.models.sessions import Link, WhatsAppSession
from sessions.states import State

__all__ = [
    "OPEN_PAIRING",
    "BrowserLook",
    "Chat",
    "EvidenceOpening",
    "HomeArchive",
    "Lease",
    "Link",
    "LinkMove",
    "Node",
    "PageEvidence",
    "Pairing",
    "Runner",
    "SessionEvent",
    "State",
    "WhatsAppSession",
]
