"""One open browser: its page and all that is known of it. Everything here is the browser's thread."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from sessions.events import Address, Event, Link, LinkChange, Receipt, Tick
from sessions.evidence.captured import Evidence
from sessions.interfaces import (
    Batch,
    InDoubt,
    Key,
    LinkLost,
    NotSent,
    Opened,
    Outgoing,
    Sent,
    UncertainMessage,
)
from sessions.transports.browser import (
    account_limits,
    diagnostics,
    lock_details,
    reasons,
    screens,
    selector_audit,
)
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.chat_looks import Looks
from sessions.transports.browser.frames import Frames
from sessions.transports.browser.inbox import Inbox
from sessions.transports.browser.link_health import ANSWER_SECONDS, LinkHealth
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.reconcile import prove
from sessions.transports.browser.selector_audit import SelectorAudit
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.sending import Draft, Sending
from sessions.transports.browser.timeouts import Timeouts

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREEN_SECONDS = 60.0
CLOCK_SECONDS = 5.0
PING_AGAIN_SECONDS = 1.0
IDLE_SECONDS = 30.0


class PageSession:
    """The parts that share one page, and what they do together."""

    def __init__(
        self,
        page: Page,
        selectors: Selectors,
        base_url: str,
        *,
        looks: Looks,
        timeouts: Timeouts,
        frames: Frames,
    ) -> None:
        self._selectors = selectors
        self._base_url = base_url
        self._timeouts = timeouts
        # For whoever drives, in their thread.
        self.evidence: deque[Evidence] = deque()
        self._own = ""
        self._settled_at = math.inf
        self._told_at = -math.inf
        self._limits: LinkChange | None = None
        self._told_limits: LinkChange | None = None
        self.frames = frames
        self.page = WebPage(page)
        self.health = LinkHealth(timeouts.scale)
        self.chats = Chats(self.page, base_url, timeouts, selectors)
        self.inbox = Inbox(
            self.page,
            self.chats,
            looks,
            selectors,
            timeouts=timeouts,
            keep_evidence=self._keep_evidence,
        )
        self.sending = Sending(
            self.page,
            self.chats,
            selectors,
            timeouts=timeouts,
            keep_evidence=self._keep_evidence,
        )

    def enter(self) -> Opened:
        """Load WhatsApp Web and wait for a screen; online only by a round trip.

        The answer comes after everything that waited for us, so that no reply is overlooked before
        the first message is claimed.
        """
        self.page.go(f"{self._base_url}/")
        opened = screens.wait_for_screen(self.page, self._timeouts.until(SCREEN_SECONDS))
        if opened.link is Link.ONLINE:
            opened = self._proven_opening(screens.own_phone(self.page))
        self.settle(opened)
        return opened

    def settle(self, opened: Opened) -> None:
        """Take an opening or a pairing for what the session stands on from now on."""
        self._own = opened.phone
        if opened.link is Link.ONLINE:
            screens.wait_until_quiet(self.page, lambda: self.frames.last)
            # A page that starts hears itself: only what comes in from now on says something.
            self._settled_at = time.monotonic()
            if opened.proven:
                self.health.proven()
                self._told_at = self._settled_at
            self._ask_limits()
        self.inbox.start(opened)

    def _proven_opening(self, phone: str) -> Opened:
        """Online, offline, or online as far as the page shows: nothing has proven it yet."""
        self._own = phone
        alive = self.is_alive(self._timeouts.open)
        if alive is False:
            return Opened(Link.OFFLINE, phone, reasons.OFFLINE)
        return Opened(Link.ONLINE, phone, proven=bool(alive))

    def is_alive(self, seconds: float) -> bool | None:
        """Whether WhatsApp answers; None where the page doesn't show it.

        The page's own ping is asked first, then a question about the account's own number: neither asks
        about anybody else. What came in on the page's socket was noted before.
        """
        self._heed_state()
        said = self.page.module("ping", min(seconds, ANSWER_SECONDS))
        if said == "silent":
            # It says so too while another ping is on its way.
            self.page.page.wait_for_timeout(PING_AGAIN_SECONDS * 1000)
            said = self.page.module("ping", min(seconds, ANSWER_SECONDS))
        if said == "answered":
            return True
        if said == "silent":
            return False
        asked = self.chats.answers(self._own, seconds) if self._own else None
        if asked is not None or not (self.frames.fell_silent() or self.health.doubted):
            return asked
        return self._frame_comes()

    def _heed_state(self) -> None:
        """LinkLost where the page's own module says why nothing can be sent."""
        link, reason = screens.STATES.get(self.page.module("state") or "", (Link.ONLINE, ""))
        if reason:
            raise LinkLost(reason, link)

    def _frame_comes(self) -> bool | None:
        """Whether anything comes in on a line on which something always did; None of one never seen.

        WhatsApp lets none be idle for longer than this.
        """
        began = time.monotonic()
        if self.frames.last < 0:
            return None
        limit = self._timeouts.until(max(IDLE_SECONDS * self._timeouts.scale, 2.0))
        while self.frames.last < began and not limit.passed():
            self.page.rest(0.3)
        return self.frames.last >= began

    def show(self, phone: str) -> Address | None:
        """Open a number's chat; None when it is not on WhatsApp."""
        self._leave()
        try:
            address = self.chats.show(phone)
        except NotSent as problem:
            self.health.went_wrong(problem, phone)
            raise
        self.health.proven()
        return address

    def prepare(self, message: Outgoing) -> Draft:
        """Write a message in its chat. LinkLost while the link is in doubt or the page is odd."""
        verdict = self.health.verdict()
        if verdict:
            raise LinkLost(verdict, Link.STOPPED)
        if not self.beats(idle=False):
            raise LinkLost(reasons.OFFLINE, Link.OFFLINE)
        if not self.chats.at(message.to.phone):
            self._leave()
        try:
            draft = self.sending.prepare(message)
            if self.inbox.has_news():
                # What was said here before we write may be a SAIR: it is told first.
                self.sending.clear()
                raise NotSent(reasons.NEWS_FIRST, permanent=False)
            return draft
        except NotSent as problem:
            self._judge(problem, message.key)
            raise

    def _judge(self, problem: NotSent | InDoubt, key: Key) -> None:
        """Count a message that didn't go. Raises LinkLost where the page, not the row, is at fault.

        LinkLost where so many rows failed in a row that it is the page.
        """
        bar = account_limits.BARS.get(problem.reason)
        if bar and (self._limits is None or self._limits.quota != 0):
            # What the modules say has an end already.
            locked = problem.reason == reasons.CHAT_LOCKED
            until = lock_details.end(self.page, self._timeouts) if locked else None
            self._limits = replace(bar, until=until)
        self.health.went_wrong(problem, key)
        verdict = self.health.verdict()
        if verdict and isinstance(problem, NotSent) and not problem.permanent:
            raise LinkLost(verdict, Link.STOPPED) from problem

    def press(self, draft: Draft, message: Outgoing) -> Sent:
        """Press, and wait for the tick; later ticks are listened for."""
        phone = message.to.phone
        try:
            sent = self.sending.press(draft)
        except (NotSent, InDoubt) as problem:
            if isinstance(problem, InDoubt) and problem.message_id:
                self.expect(phone, problem.message_id, None)
            self._judge(problem, message.key)
            raise
        self.health.confirmed()
        self.expect(phone, sent.message_id, sent.tick)
        return sent

    def prove(self, doubt: UncertainMessage) -> Sent | None:
        """Look for a doubted message in its chat."""
        self._leave()
        look = prove(self.page, self.chats, self._selectors, doubt, self._timeouts)
        if look.waiting:
            self.health.waiting()
        if look.sent is not None:
            self.expect(doubt.to.phone, look.sent.message_id, look.sent.tick)
        return look.sent

    def hear(self, *, idle: bool) -> Batch:
        """Returns new events, among them that the link stopped answering, or answers again."""
        self.inbox.listen(may_visit=idle)
        events, more = self.inbox.take(), self.inbox.more()
        if any(isinstance(event, Receipt) for event in events):
            self.health.confirmed()
        elif events:
            self.health.proven()
        elif not more:
            events = self._link_news(idle=idle)
        if events:
            self._told_at = time.monotonic()
        for told in events:
            if isinstance(told, LinkChange):
                self.note(told)
        return Batch((*events, *self._limit_news()), more)

    def _link_news(self, *, idle: bool) -> list[Event]:
        """Whether WhatsApp answers, where it was time to ask, or where it has shown so by itself."""
        verdict = self.health.verdict()
        if verdict in (reasons.UNKNOWN_PAGE, reasons.PAGE_ODD):
            return [LinkChange(Link.STOPPED, verdict)]
        self._heed_state()
        self._note_frames()
        if self.health.due(idle=idle):
            alive = self._asked()
            if alive is not None:
                return [
                    LinkChange(
                        Link.ONLINE if alive else Link.OFFLINE, "" if alive else reasons.OFFLINE
                    )
                ]
        if not self.health.is_news(self._told_at):
            return []
        self._ask_limits()
        return [LinkChange(Link.ONLINE)]

    def _limit_news(self) -> list[Event]:
        """The account's limits, where they changed since they were last reported."""
        if self._limits is None or self._limits == self._told_limits:
            return []
        self._told_limits = self._limits
        return [self._limits]

    def _ask_limits(self) -> None:
        told = account_limits.told_by_modules(self.page.module("limits"))
        self._limits = self._limits if told is None else told

    def _note_frames(self) -> None:
        if (
            self.frames.last > max(self._settled_at, self.health.proven_at)
            and not self.health.doubted
        ):
            self.health.proven(self.frames.last)

    def beats(self, *, idle: bool) -> bool:
        """Whether the link may be used: it answers, or at least isn't known to be silent."""
        return not self.health.due(idle=idle) or self._asked() is not False

    def _asked(self) -> bool | None:
        self._leave()
        alive = self.is_alive(min(ANSWER_SECONDS, self._timeouts.open))
        self._ask_limits()
        self.health.proven() if alive else self.health.asked()
        return alive

    def expect(self, phone: str, message_id: str, tick: Tick | None) -> None:
        """Listen for the ticks of a message in the chat that is open."""
        current = self.chats.current
        self.inbox.expect(current.wa_id if current else phone.lstrip("+"), message_id, tick)

    def audit(self) -> SelectorAudit:
        """Which candidate of each element the page has."""
        return selector_audit.take(self.page, self.chats, self._selectors, self._own)

    def wait_for_clocks(self) -> None:
        """Give what is still under the clock a moment: closing now would lose it."""
        limit = self._timeouts.until(min(CLOCK_SECONDS, self._timeouts.tick))
        while self.inbox.pending() and not limit.passed():
            self.page.rest(0.3)
        self.inbox.give_back()

    def _leave(self) -> None:
        """Read the open chat before leaving it: its new replies have no unread badge."""
        self.inbox.before_moving()

    def note(self, lost: LinkLost | LinkChange) -> None:
        """Capture evidence of a page that is not understood, unless that was done already."""
        if not self.evidence and (lost.link is Link.STOPPED or lost.reason == reasons.NO_ANSWER):
            self._keep_evidence(lost.reason.replace("_", "-"))

    def _keep_evidence(self, kind: str) -> None:
        self.evidence.append(diagnostics.gather(self.page, kind))
