"""Looking for a message that may have gone: the only proof is a row with a tick in its chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sessions.events import SENT_HERE, Link
from sessions.interfaces import LinkLost, NotSent, Sent, UncertainMessage
from sessions.transports.browser import reasons
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.dom_rows import Row, message_rows, moment_of
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import same_message
from sessions.transports.browser.timeouts import Timeouts

CLOCKS = timedelta(minutes=5)
"""How far the page's clock and the database's may be apart."""


@dataclass(frozen=True)
class Reconciled:
    """What a look into the chat gave: proof that it went, or `waiting` under the clock, or neither."""

    sent: Sent | None = None
    waiting: bool = False


def prove(
    page: WebPage, chats: Chats, selectors: Selectors, doubt: UncertainMessage, timeouts: Timeouts
) -> Reconciled:
    """Open the chat and look for an outgoing row with the text since the press.

    The page sends what was still under the clock again when it comes back: such a row is given a
    part of a tick's time. No proof proves nothing: the profile may have lost what was on the wire.
    Raises LinkLost when the row carries an icon that isn't known: until it is, nothing more is sent.
    """
    try:
        if chats.show(doubt.to.phone, doubt.to.wa_id) is None:
            return Reconciled()
    except NotSent:
        return Reconciled()
    limit = timeouts.until(max(2.0, timeouts.tick / 3))
    found = matching(message_rows(page.ask("chat")["rows"], selectors), doubt)
    while found is not None and found.tick is None and not limit.passed():
        found = matching(message_rows(page.wait(0.3, "chat")["rows"], selectors), doubt)
    if found is None:
        return Reconciled()
    if found.unknown:
        raise LinkLost(reasons.UNKNOWN_ICON, Link.STOPPED)
    if found.tick is None:
        return Reconciled(waiting=True)
    at = moment_of(found.stamp, datetime.now().astimezone())
    return Reconciled(Sent(found.id, at or doubt.pressed_at, found.tick))


def matching(rows: Sequence[Row], doubt: UncertainMessage) -> Row | None:
    """The newest outgoing row with the doubted text, not older than the press, and of no other message.

    What the owner typed on the phone is nobody's proof, though the text may be the same.
    """
    for row in reversed(rows):
        ours = (row.outgoing or row.unknown) and row.id.startswith(SENT_HERE)
        fresh = ours and row.id not in doubt.known and same_message(doubt.content.body, row.text)
        if fresh and _since_the_press(row, doubt.pressed_at):
            return row
    return None


def _since_the_press(row: Row, pressed_at: datetime) -> bool:
    """Stamps have minutes only; a row without a readable one proves nothing."""
    moment = moment_of(row.stamp, datetime.now().astimezone())
    pressed_minute = pressed_at.replace(second=0, microsecond=0)
    return moment is not None and moment >= pressed_minute - CLOCKS
