"""Connecting a linked device, and taking it off the account."""

from __future__ import annotations

from sessions.events import Link
from sessions.interfaces import LinkLost, Opened
from sessions.transports.direct import protocol
from sessions.transports.direct.client import Client, Gone
from sessions.transports.direct.inbox import Inbox
from sessions.transports.direct.library import Library
from sessions.transports.direct.store import Store

OPENS_WITHIN = 30.0  # seconds in which WhatsApp lets a linked device in, or it isn't there
UNREACHABLE, NO_ANSWER = "unreachable", "no_answer"


def connect(library: Library, store: Store, inbox: Inbox, device: str) -> Client:
    """A client of this device, which WhatsApp has yet to let in."""
    leaves = library.registry.is_leaving
    client = Client(
        library,
        store.library_url,
        inbox,
        is_kept=lambda: not leaves(device) and store.keeps(device),
    )
    inbox.device = device
    client.start(protocol.read(library.messages, device))
    return client


def let_in(inbox: Inbox) -> Opened:
    """Return once WhatsApp has let the device in, or has said that it won't. LinkLost without its word."""
    inbox.wait_for(
        lambda: inbox.connected or inbox.changes or inbox.ended is not None, OPENS_WITHIN
    )
    if inbox.changes:
        told = inbox.changes.popleft()
        return Opened(told.link, reason=told.reason, until=told.until)
    if not inbox.connected:
        raise LinkLost(NO_ANSWER if inbox.ended is None else UNREACHABLE)
    return Opened(Link.ONLINE)


def log_out(library: Library, store: Store, inbox: Inbox, home: str) -> None:
    """Take the home's device off the account, where there is one. LinkLost where it may still be one of the
    account's.
    """
    device = store.device_of(home)
    if not device:
        return
    client = connect(library, store, inbox, device)
    try:
        link = let_in(inbox).link
        # What WhatsApp has taken off already, or with the whole account, is off.
        if link in (Link.LOGGED_OUT, Link.BANNED):
            return
        if link is Link.ONLINE:
            with library.registry.leaving(device):
                if not client.log_out():
                    return
    except Gone as gone:
        raise LinkLost(UNREACHABLE) from gone
    finally:
        client.stop()
    raise LinkLost(UNREACHABLE)
