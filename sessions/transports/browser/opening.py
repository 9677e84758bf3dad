"""One open browser: its page and all that is known of it. Everything here is the browser's thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sessions.events import Address, Link, LinkChange, Receipt, Tick
from sessions.interfaces import (
    Batch,
    InDoubt,
    LinkLost,
    NotSent,
    Opened,
    Outgoing,
    Sent,
    UncertainMessage,
)
from sessions.transports.browser import census, evidence, screens, words
from sessions.transports.browser.census import Census
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.inbox import Inbox
from sessions.transports.browser.looks import Looks
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.proving import prove
from sessions.transports.browser.pulse import ANSWER_SECONDS, Pulse
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.sending import Draft, Sending
from sessions.transports.browser.waits import Waits

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREEN_SECONDS = 60.0
CLOCK_SECONDS = 5.0


class Opening:
    """The parts that share one page, and what they do together."""

    def __init__(
        self,
        page: Page,
        selectors: Selectors,
        base_url: str,
        *,
        looks: Looks,
        waits: Waits,
        screenshots: Path | None,
    ) -> None:
        self._selectors = selectors
        self._base_url = base_url
        self._waits = waits
        self._screenshots = screenshots
        self._own = ""
        self.page = WebPage(page)
        self.pulse = Pulse(waits.scale)
        self.chats = Chats(self.page, base_url, waits)
        self.inbox = Inbox(
            self.page,
            self.chats,
            looks,
            selectors,
            waits=waits,
            keep_evidence=self._keep_evidence,
        )
        self.sending = Sending(
            self.page,
            self.chats,
            selectors,
            waits=waits,
            keep_evidence=self._keep_evidence,
        )

    def enter(self) -> Opened:
        """Load WhatsApp Web and wait for a screen; online only by a round trip.

        The answer comes after everything that waited for us, so that no reply is overlooked before
        the first message is claimed.
        """
        self.page.go(f"{self._base_url}/")
        try:
            opened = screens.wait_for_screen(self.page, self._waits.until(SCREEN_SECONDS))
        except LinkLost as lost:
            if lost.reason == words.NO_ANSWER:
                self._keep_evidence("unknown-screen")
            raise
        if opened.link is Link.ONLINE:
            phone = screens.own_phone(self.page)
            # Without the own number there is nobody to ask about: the screen has to do.
            answered = not phone or self.chats.answers(phone, self._waits.open)
            opened = Opened(Link.ONLINE, phone) if answered else _offline(phone)
        self.settle(opened)
        return opened

    def settle(self, opened: Opened) -> None:
        """Take an opening or a pairing for what the session stands on from now on."""
        self._own = opened.phone
        if opened.link is Link.ONLINE:
            screens.wait_until_quiet(self.page)
            self.pulse.proven()
        self.inbox.start(opened)

    def show(self, phone: str) -> Address | None:
        """Open a number's chat; None when it is not on WhatsApp."""
        self._leave()
        try:
            address = self.chats.show(phone)
        except NotSent as problem:
            self.pulse.went_wrong(problem)
            raise
        self.pulse.proven()
        return address

    def prepare(self, message: Outgoing) -> Draft:
        """Write a message in its chat. LinkLost while the link is in doubt or the page is odd."""
        verdict = self.pulse.verdict()
        if verdict:
            self._keep_evidence("stopped")
            raise LinkLost(verdict, Link.STOPPED)
        if not self.beats(idle=False):
            raise LinkLost(words.OFFLINE, Link.OFFLINE)
        if not self.chats.at(message.to.phone):
            self._leave()
        try:
            return self.sending.prepare(message)
        except NotSent as problem:
            self.pulse.went_wrong(problem)
            raise

    def press(self, draft: Draft, phone: str) -> Sent:
        """Press, and wait for the tick; later ticks are listened for."""
        try:
            sent = self.sending.press(draft)
        except (NotSent, InDoubt) as problem:
            self.pulse.went_wrong(problem)
            if isinstance(problem, InDoubt) and problem.message_id:
                self.expect(phone, problem.message_id, None)
            raise
        self.pulse.confirmed()
        self.expect(phone, sent.message_id, sent.tick)
        return sent

    def prove(self, doubt: UncertainMessage) -> Sent | None:
        """Look for a doubted message in its chat."""
        self._leave()
        look = prove(self.page, self.chats, self._selectors, doubt, self._waits)
        if look.waiting:
            self.pulse.waiting()
        if look.sent is not None:
            self.expect(doubt.to.phone, look.sent.message_id, look.sent.tick)
        return look.sent

    def hear(self, *, idle: bool) -> Batch:
        """What is new; a link that doesn't answer any more is news, and one that does again too."""
        self.inbox.listen(may_visit=idle)
        events, more = self.inbox.take(), self.inbox.more()
        if any(isinstance(event, Receipt) for event in events):
            self.pulse.confirmed()
        elif events:
            self.pulse.proven()
        elif not more and self.pulse.due(idle=idle):
            link = Link.ONLINE if self.beats(idle=idle) else Link.OFFLINE
            events = [LinkChange(link, "" if link is Link.ONLINE else words.OFFLINE)]
        return Batch(tuple(events), more)

    def beats(self, *, idle: bool) -> bool:
        """Is the link as good as known, or does it answer when asked?"""
        if not self.pulse.due(idle=idle):
            return True
        self._leave()
        if self._own and not self.chats.answers(self._own, min(ANSWER_SECONDS, self._waits.open)):
            return False
        self.pulse.proven()
        return True

    def expect(self, phone: str, message_id: str, tick: Tick | None) -> None:
        """Listen for the ticks of a message in the chat that is open."""
        current = self.chats.current
        self.inbox.expect(current.wa_id if current else phone.lstrip("+"), message_id, tick)

    def census(self) -> Census:
        """Which candidate of each element the page has."""
        return census.take(self.page, self.chats, self._selectors, self._own)

    def wait_for_clocks(self) -> None:
        """Give what is still under the clock a moment: closing now would lose it."""
        limit = self._waits.until(min(CLOCK_SECONDS, self._waits.tick))
        while self.inbox.pending() and not limit.passed():
            self.page.wait(0.3, "list")

    def _leave(self) -> None:
        """Replies in the chat that is about to be left would have no unread badge any more."""
        self.inbox.before_moving()

    def _keep_evidence(self, name: str) -> None:
        evidence.keep(self.page, self._screenshots, name)


def _offline(phone: str) -> Opened:
    return Opened(Link.OFFLINE, phone, words.OFFLINE)
