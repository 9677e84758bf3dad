"""The transport: the caller's side of one browser on one account."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from blu.ops import disk
from blu.ops.browser_path import BrowserMissing, browser_path
from sessions.events import Address, Link
from sessions.evidence.captured import Keep
from sessions.interfaces import (
    Awaiting,
    Batch,
    InDoubt,
    LinkLost,
    NotSent,
    Opened,
    Outgoing,
    PairingCode,
    Sent,
    UncertainMessage,
)
from sessions.transports.browser import launch, reasons, selectors
from sessions.transports.browser.chat_looks import Looks, LookStore, NoLooks
from sessions.transports.browser.frames import Frames
from sessions.transports.browser.inbox import Inbox
from sessions.transports.browser.page import GO_SECONDS, reader_script
from sessions.transports.browser.page_session import SCREEN_SECONDS, PageSession
from sessions.transports.browser.pairing import Pairing
from sessions.transports.browser.selector_audit import SelectorAudit
from sessions.transports.browser.thread import BrowserThread
from sessions.transports.browser.timeouts import Timeouts

log = logging.getLogger(__name__)
Result = TypeVar("Result")

OPEN_SECONDS = launch.LAUNCH_SECONDS + GO_SECONDS + SCREEN_SECONDS + 20.0
COMMAND_SECONDS = 60.0
"""Beyond its own waits, a command gets this long before the browser is taken for dead."""


class BrowserTransport:
    """WhatsApp Web at `base_url` in one Chromium on the folder `profile`; a `sessions.interfaces.Transport`.

    `awaiting` says which ticks are still to come, and `looks` keeps how far chats were heard: both are
    asked in the caller's thread only, where `show` and `before_wire` run too. `executable` and
    `selector_file` are the settings BLU_BROWSER and BLU_SELECTORS; `time_scale` shortens the waits for
    WhatsApp (never those for the machine); `keep_evidence` takes what was seen of pages
    that nobody knows, in the caller's thread; below `least_free` bytes on the profile's disk nothing more is begun, so that the browser can still write when
    it closes; once `stopping` is true every wait is short.
    """

    def __init__(
        self,
        profile: Path,
        base_url: str,
        *,
        executable: str | None = None,
        selector_file: Path | None = None,
        time_scale: float = 1.0,
        keep_evidence: Keep = lambda _evidence: None,
        tick_seconds: float = 30.0,
        open_seconds: float = 30.0,
        least_free: int = 0,
        without_sandbox: bool | None = None,
        awaiting: Awaiting = tuple,
        looks: LookStore | None = None,
        stopping: Callable[[], bool] = bool,
    ) -> None:
        self._profile = profile.absolute()
        self._base_url = base_url
        self._least_free = least_free
        self._without_sandbox = without_sandbox
        self._executable = executable
        self._selectors = selectors.load(selector_file)
        self._keep = keep_evidence
        self._awaiting = awaiting
        self._store: LookStore = looks or NoLooks()
        # A slow machine is slow at any scale: the waits have a floor.
        self._timeouts = Timeouts(
            open=max(5.0, open_seconds * time_scale),
            tick=max(2.0, tick_seconds * time_scale),
            scale=time_scale,
            stopping=stopping,
        )
        self._thread: BrowserThread | None = None
        self._page_session: PageSession | None = None
        self._inbox: Inbox | None = None
        self._looks: Looks | None = None
        self._given: Batch | None = None

    @property
    def selectors(self) -> selectors.Selectors:
        """The candidates in use: the shipped ones, with those of the override file in their place."""
        return self._selectors

    @property
    def matched(self) -> dict[str, int]:
        """Which candidate of each element the page had, by its place in the list."""
        return dict(self._page_session.page.matched) if self._page_session else {}

    @property
    def keeps_badges(self) -> bool | None:
        """Could the chats that hearing opened be set back to unread? None while none had to be.

        Also after the end. False where the page has no way to.
        """
        return self._inbox.badges.kept if self._inbox else None

    def pids(self) -> list[int]:
        """Every process of this transport's browser; for tests and diagnostics."""
        return launch.pids_on(self._profile)

    def open(self) -> Opened:
        """Start the browser on the profile and wait for a screen. LinkLost says plainly why not."""
        executable = self._find_browser()
        _make_folder(self._profile)
        self._demand_room()
        if launch.pids_on(self._profile):
            raise LinkLost(reasons.PROFILE_IN_USE)
        looks = Looks(self._store.key, self._store.load(), datetime.now().astimezone())
        self._thread = BrowserThread(
            self._profile, without_sandbox=launch.goes_without_sandbox(self._without_sandbox)
        )
        try:
            opened = self._run(lambda: self._enter(executable, looks), OPEN_SECONDS)
            if opened.link is Link.ONLINE:
                self._expect()
        except BaseException:
            self.close()
            raise
        self._looks, self._given = looks, None
        return opened

    def pair(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str = "",
        stop: Callable[[], bool] = bool,
    ) -> Opened:
        """Show each fresh code until the account is linked; NEEDS_PAIRING with a reason when not."""
        page_session = self._ready(self._page_session)
        pairing = Pairing(page_session.page, phone)
        last: PairingCode | None = None
        while time.monotonic() < deadline and not stop():
            self._demand_room()
            step = self._run(pairing.step, COMMAND_SECONDS)
            if step.code is not None and step.code != last:
                last = step.code
                show(step.code)
            if (opened := step.opened) is not None:
                self._run(lambda opened=opened: page_session.settle(opened), COMMAND_SECONDS)  # type: ignore[misc]
                return opened
        return Opened(Link.NEEDS_PAIRING, reason=reasons.PAIRING_LATE)

    def lookup(self, phone: str) -> Address | None:
        """Open the number's chat, which says whether it is on WhatsApp; it stays open for `send`."""
        self._demand_room()
        page_session = self._ready(self._page_session)
        return self._run(lambda: page_session.show(phone), self._timeouts.open + COMMAND_SECONDS)

    def send(self, message: Outgoing, before_wire: Callable[[], None]) -> Sent:
        """Write in the number's chat, call `before_wire` in this thread, press, wait for the tick."""
        self._demand_room()
        page_session = self._ready(self._page_session)
        draft = self._run(
            lambda: page_session.prepare(message), self._timeouts.open + COMMAND_SECONDS
        )
        try:
            before_wire()
        except BaseException:
            self._clear_quietly(page_session)
            raise
        try:
            return self._run(
                lambda: page_session.press(draft, message), self._timeouts.tick + COMMAND_SECONDS
            )
        except LinkLost as lost:
            if lost.link is Link.STOPPED:
                raise
            # The browser is gone, killed by us where it didn't answer: nothing presses any more.
            if draft.presses == 0:
                raise NotSent(reasons.LINK_LOST, permanent=False) from lost
            raise InDoubt(reasons.LINK_LOST) from lost

    def prove(self, doubt: UncertainMessage) -> Sent | None:
        """Look in the chat for a message that may have gone; None proves nothing."""
        self._demand_room()
        page_session = self._ready(self._page_session)
        seconds = self._timeouts.open + self._timeouts.tick + COMMAND_SECONDS
        return self._run(lambda: page_session.prove(doubt), seconds)

    def poll(self, timeout: float) -> Batch:
        """What was heard since the last batch that was acknowledged.

        One unheard chat is opened at a time, once the badges that were seen are acknowledged.
        """
        if self._given is None:
            self._given = self._heard(timeout)
            if self._looks is not None:
                self._looks.give()
        return self._given

    def acknowledge(self, batch: Batch) -> None:
        """All of the batch is kept: keep the looks that say so, in the caller's thread."""
        if self._looks is None or batch is not self._given:
            return
        if looks := self._looks.given():
            self._store.keep(looks)
        self._looks.acknowledge()
        if present := self._looks.present():
            self._store.seen(present)
        self._given = None

    def audit(self) -> SelectorAudit:
        """Which candidate of each element the open page has; nothing is sent. For support."""
        page_session = self._ready(self._page_session)
        return self._run(page_session.audit, 3 * COMMAND_SECONDS)

    def close(self) -> None:
        """Wait a little for messages under the clock, close the browser, leave no process behind."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if (page_session := self._page_session) is not None:
            try:
                thread.call(page_session.wait_for_clocks, self._timeouts.tick + COMMAND_SECONDS)
            except Exception as error:  # noqa: BLE001  closing never raises
                log.info("browser closed without its last look: %s", error)
        self._page_session = None
        thread.stop()
        self._keep_last_looks()

    def _keep_last_looks(self) -> None:
        """That badges are back which were put back at the end: the page was read for the last time before."""
        looks = self._looks.at_the_end() if self._looks else {}
        if looks:
            try:
                self._store.keep(looks)
            except Exception as error:  # noqa: BLE001  the next opening finds them back
                log.info("looks not kept at the end: %s", error)

    # In the browser's thread

    def _noting(self, job: Callable[[], Result]) -> Result:
        """Whatever stops the link, wherever: no stop is without evidence."""
        try:
            return job()
        except LinkLost as lost:
            if self._page_session is not None:
                self._page_session.note(lost)
            raise

    def _enter(self, executable: str, looks: Looks) -> Opened:
        page = self._ready(self._thread).start(executable, reader_script(self._selectors))
        frames = Frames(self._timeouts.scale)
        frames.watch(page, self._base_url)
        self._page_session = PageSession(
            page,
            self._selectors,
            self._base_url,
            looks=looks,
            timeouts=self._timeouts,
            frames=frames,
        )
        self._inbox = self._page_session.inbox
        return self._page_session.enter()

    # In the caller's thread

    def _heard(self, timeout: float) -> Batch:
        page_session = self._ready(self._page_session)
        limit = time.monotonic() + timeout
        while True:
            self._demand_room()
            batch = self._run(lambda: page_session.hear(idle=timeout > 0), COMMAND_SECONDS * 2)
            left = limit - time.monotonic()
            if batch.events or batch.more or left <= 0:
                return batch
            self._rest(page_session, min(left, 1.0))

    def _expect(self) -> None:
        """Ask for the ticks of earlier messages, oldest first: `poll` reads them in the chat list, or
        opens those chats, one in a while."""
        inbox, pairs = self._ready(self._page_session).inbox, list(self._awaiting())

        def remember() -> None:
            for wa_id, message_id in pairs:
                inbox.expect(wa_id, message_id, None)

        self._run(remember, COMMAND_SECONDS)

    def _find_browser(self) -> str:
        try:
            executable = browser_path(self._executable)
            launch.version_of(executable)
        except BrowserMissing as error:
            log.warning("browser: %s", error)
            raise LinkLost(reasons.BROWSER_MISSING) from error
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("browser: %s", error)
            raise LinkLost(reasons.BROWSER_FAILED) from error
        return executable

    def _demand_room(self) -> None:
        if disk.free(self._profile) < self._least_free:
            log.warning("browser on %s: the disk is full", self._profile.name)
            raise LinkLost(reasons.DISK_FULL)

    def _run(self, job: Callable[[], Result], seconds: float) -> Result:
        thread = self._ready(self._thread)
        try:
            return thread.call(lambda: self._noting(job), seconds)
        finally:
            self._keep_evidence()

    def _keep_evidence(self) -> None:
        """Hand over what the browser's thread gathered: also, and above all, where it stopped."""
        gathered = self._page_session.evidence if self._page_session else ()
        while gathered:
            found = gathered.popleft()
            try:
                self._keep(found)
            except Exception as error:  # noqa: BLE001  the reason to stop matters more
                log.warning("evidence %s not kept: %s", found.kind, type(error).__name__)

    def _rest(self, page_session: PageSession, seconds: float) -> None:
        self._run(lambda: page_session.page.rest(seconds), COMMAND_SECONDS)

    def _clear_quietly(self, page_session: PageSession) -> None:
        try:
            self._run(page_session.sending.clear, COMMAND_SECONDS)
        except LinkLost as lost:
            log.info("draft not cleared: %s", lost.reason)

    def _ready(self, part: Result | None) -> Result:
        if part is None:
            raise LinkLost(reasons.BROWSER_GONE)
        return part


def _make_folder(profile: Path) -> None:
    try:
        profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = profile / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise LinkLost(reasons.PROFILE_UNUSABLE) from error
