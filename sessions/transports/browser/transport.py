"""The transport: the caller's side of one browser on one account."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from blu.lib.browser_path import BrowserMissing, browser_path
from sessions.ports import (
    Address,
    Doubt,
    Event,
    Home,
    InDoubt,
    Link,
    LinkLost,
    NotSent,
    Opened,
    Outgoing,
    PairingCode,
    Sent,
    Tick,
)
from sessions.transports.browser import evidence, launch, screens, selectors, words
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.page import GO_SECONDS, WebPage, reader_script
from sessions.transports.browser.pairing import Pairing
from sessions.transports.browser.proving import prove
from sessions.transports.browser.reading import Inbox
from sessions.transports.browser.sending import Draft, Sending
from sessions.transports.browser.thread import BrowserThread

log = logging.getLogger(__name__)
Result = TypeVar("Result")

SCREEN_SECONDS = 60.0
OPEN_SECONDS = launch.LAUNCH_SECONDS + GO_SECONDS + SCREEN_SECONDS + 20.0
COMMAND_SECONDS = 60.0
"""Beyond its own waits, a command gets this long before the browser is taken for dead."""


class BrowserTransport:
    """WhatsApp Web in one Chromium on one profile folder; implements `sessions.ports.Transport`.

    `executable` and `selector_file` are the settings BLU_BROWSER and BLU_SELECTORS; `time_scale`
    shortens the waits for WhatsApp (never those for the machine); `screenshots` is where evidence
    of unknown pages goes. One calling thread; `show` and `pressing` run in it.
    """

    def __init__(
        self,
        executable: str | None = None,
        selector_file: Path | None = None,
        time_scale: float = 1.0,
        screenshots: Path | None = None,
        *,
        tick_seconds: float = 30.0,
        open_seconds: float = 30.0,
    ) -> None:
        self._executable = executable
        self._selectors = selectors.load(selector_file)
        self._time_scale = time_scale
        self._screenshots = screenshots
        # A slow machine is slow at any scale: the waits have a floor.
        self._tick_seconds = max(2.0, tick_seconds * time_scale)
        self._open_seconds = max(5.0, open_seconds * time_scale)
        self._thread: BrowserThread | None = None
        self._page: WebPage | None = None
        self._inbox: Inbox | None = None
        self._chats: Chats | None = None
        self._sending: Sending | None = None
        self._profile: Path | None = None

    @property
    def matched(self) -> dict[str, int]:
        """Which candidate of each element the page had, by its place in the list."""
        return dict(self._page.matched) if self._page else {}

    def pids(self) -> list[int]:
        """Every process of this transport's browser, for whoever must end it by force."""
        return launch.pids_on(self._profile) if self._profile else []

    def open(self, home: Home) -> Opened:
        """Start the browser on the home and wait for a screen. LinkLost says plainly why not."""
        executable = self._find_browser()
        self._profile = home.path.absolute()
        _make_folder(self._profile)
        if launch.pids_on(self._profile):
            raise LinkLost(words.PROFILE_IN_USE)
        self._thread = BrowserThread(self._profile)
        try:
            return self._run(lambda: self._open(executable, home.base_url), OPEN_SECONDS)
        except BaseException:
            self.close()
            raise

    def pair(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str = "",
        stop: Callable[[], bool] = bool,
    ) -> Opened:
        """Show each fresh code until the account is linked; NEEDS_PAIRING with a reason when not."""
        pairing = Pairing(self._ready(self._page), phone)
        last: PairingCode | None = None
        while time.monotonic() < deadline and not stop():
            step = self._run(pairing.step, COMMAND_SECONDS)
            if step.code is not None and step.code != last:
                last = step.code
                show(step.code)
            if step.opened is not None:
                self._started(step.opened)
                return step.opened
        return Opened(Link.NEEDS_PAIRING, reason=words.PAIRING_LATE)

    def lookup(self, phone: str) -> Address | None:
        """Open the number's chat, which says whether it is on WhatsApp; it stays open for `send`."""
        return self._run(lambda: self._show(phone, None), self._open_seconds + COMMAND_SECONDS)

    def send(self, message: Outgoing, pressing: Callable[[], None]) -> Sent:
        """Write in the number's chat, call `pressing` in this thread, press, wait for the tick."""
        sending = self._ready(self._sending)
        draft = self._run(lambda: self._prepare(message), self._open_seconds + COMMAND_SECONDS)
        try:
            pressing()
        except BaseException:
            self._clear_quietly(sending)
            raise
        sent = self._pressed(lambda: sending.press(draft), message.phone)
        self._run(lambda: self._expect(message.phone, sent.message_id, sent.tick), COMMAND_SECONDS)
        return sent

    def prove(self, doubt: Doubt) -> Sent | None:
        """Look in the chat for a message that may have gone; None proves nothing."""
        seconds = self._tick_seconds / 3
        return self._run(
            lambda: self._prove(doubt, seconds), self._open_seconds + seconds + COMMAND_SECONDS
        )

    def expect(self, outgoing: Iterable[tuple[str, str]]) -> None:
        """Ask for the ticks of earlier messages: pairs of WhatsApp id (digits) and message id, oldest
        first. `poll` reads them in the chat list, or opens those chats, one in a while."""
        inbox, pairs = self._ready(self._inbox), list(outgoing)

        def remember() -> None:
            for wa_id, message_id in pairs:
                inbox.expect(wa_id, message_id, None)

        self._run(remember, COMMAND_SECONDS)

    def poll(self, timeout: float) -> list[Event]:
        """What was heard since the last time. Empty only when no chat is unread."""
        inbox = self._ready(self._inbox)
        limit = time.monotonic() + timeout
        while True:
            events = self._run(lambda: inbox.step(may_visit=timeout > 0), COMMAND_SECONDS * 2)
            left = limit - time.monotonic()
            if events or left <= 0:
                return events
            self._rest(min(left, 1.0))

    def close(self) -> None:
        """Wait a little for messages under the clock, close the browser, leave no process behind."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            thread.call(self._wait_for_clocks, self._tick_seconds + COMMAND_SECONDS)
        except Exception as error:  # noqa: BLE001  closing never raises
            log.info("browser closed without its last look: %s", error)
        thread.stop()

    # In the browser's thread

    def _open(self, executable: str, base_url: str) -> Opened:
        thread = self._ready(self._thread)
        self._page = page = WebPage(thread.start(executable, reader_script(self._selectors)))
        self._chats = Chats(page, base_url, open_seconds=self._open_seconds)
        self._inbox = Inbox(page, self._chats, self._selectors, time_scale=self._time_scale)
        self._sending = Sending(
            page,
            self._chats,
            self._selectors,
            tick_seconds=self._tick_seconds,
            keep_evidence=self._keep_evidence,
        )
        page.go(f"{base_url}/")
        opened = screens.wait_for_screen(page, SCREEN_SECONDS)
        if opened.link is Link.ONLINE:
            opened = self._proven(screens.own_phone(page))
        self._settle(opened)
        return opened

    def _proven(self, phone: str) -> Opened:
        """Online by a round trip: the page shows its chats from its disk, connected or not.

        Asking for the own number reaches no one else. The answer comes after everything that waited
        for us, so that no reply is overlooked before the first message is claimed.
        """
        try:
            if phone:
                self._ready(self._chats).show(phone)
        except NotSent:
            return Opened(Link.OFFLINE, phone, words.OFFLINE)
        return Opened(Link.ONLINE, phone)

    def _settle(self, opened: Opened) -> None:
        if opened.link is Link.ONLINE:
            screens.wait_until_quiet(self._ready(self._page))
        self._ready(self._inbox).start(opened)

    def _show(self, phone: str, wa_id: str | None) -> Address | None:
        self._leave()
        return self._ready(self._chats).show(phone, wa_id)

    def _prepare(self, message: Outgoing) -> Draft:
        if not self._ready(self._chats).at(message.phone):
            self._leave()
        return self._ready(self._sending).prepare(message)

    def _prove(self, doubt: Doubt, seconds: float) -> Sent | None:
        self._leave()
        page, chats = self._ready(self._page), self._ready(self._chats)
        sent = prove(page, chats, self._selectors, doubt, seconds=seconds)
        if sent is not None:
            self._expect(doubt.phone, sent.message_id, sent.tick)
        return sent

    def _leave(self) -> None:
        """Replies in the chat that is about to be left would have no unread badge any more."""
        self._ready(self._inbox).before_moving()

    def _expect(self, phone: str, message_id: str, tick: Tick | None) -> None:
        current = self._ready(self._chats).current
        wa_id = current.wa_id if current else phone.lstrip("+")
        self._ready(self._inbox).expect(wa_id, message_id, tick)

    def _keep_evidence(self, name: str) -> None:
        evidence.keep(self._ready(self._page), self._screenshots, name)

    def _wait_for_clocks(self) -> None:
        if self._page is None or self._inbox is None:
            return
        limit = time.monotonic() + min(5.0, self._tick_seconds)
        while self._inbox.pending() and time.monotonic() < limit:
            self._page.wait(0.3, "list")

    # In the caller's thread

    def _find_browser(self) -> str:
        try:
            executable = browser_path(self._executable)
            launch.version_of(executable)
        except BrowserMissing as error:
            raise LinkLost(str(error)) from error
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("browser: %s", error)
            raise LinkLost(words.BROWSER_FAILED) from error
        return executable

    def _run(self, job: Callable[[], Result], seconds: float) -> Result:
        return self._ready(self._thread).call(job, seconds)

    def _pressed(self, press: Callable[[], Sent], phone: str) -> Sent:
        """Whatever goes wrong from here on leaves the message in doubt, unless `press` knows better."""
        try:
            return self._run(press, self._tick_seconds + COMMAND_SECONDS)
        except NotSent:
            raise
        except InDoubt as doubt:
            if doubt.message_id:
                self._await_late_tick(phone, doubt.message_id)
            raise
        except LinkLost as lost:
            if lost.reason == words.UNKNOWN_ICON:
                raise
            raise InDoubt(words.LINK_LOST) from lost

    def _started(self, opened: Opened) -> None:
        self._run(lambda: self._settle(opened), COMMAND_SECONDS)

    def _rest(self, seconds: float) -> None:
        page = self._ready(self._page)
        self._run(lambda: page.wait(seconds, "list"), COMMAND_SECONDS)

    def _await_late_tick(self, phone: str, message_id: str) -> None:
        try:
            self._run(lambda: self._expect(phone, message_id, None), COMMAND_SECONDS)
        except LinkLost as lost:
            log.info("late tick of %s not awaited: %s", message_id, lost.reason)

    def _clear_quietly(self, sending: Sending) -> None:
        try:
            self._run(sending.clear, COMMAND_SECONDS)
        except LinkLost as lost:
            log.info("draft not cleared: %s", lost.reason)

    def _ready(self, part: Result | None) -> Result:
        if part is None:
            raise LinkLost(words.BROWSER_GONE)
        return part


def _make_folder(profile: Path) -> None:
    try:
        profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = profile / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise LinkLost(words.PROFILE_UNUSABLE) from error
