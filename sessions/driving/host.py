"""The long-lived runner that keeps links open and drives their outboxes, with the steps of a visit.

A few threads serve hundreds of links: a step is short, and a link that hangs holds one thread and no
connection to the database, because the outbox gives it back after each of its own steps. What is asked of
the database every few seconds has a thread and a connection of its own: whatever that waits for, the links
are driven, and those whose lease is lost are closed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog
from django.db import Error, connection

from blu.db import clock, shared_connections
from sessions.driving import connecting, link_losses, link_updates, runner_clock
from sessions.driving.claim_due import Due, HostWork, Work, claim_for_host
from sessions.driving.drive import Signal
from sessions.driving.hanging import HANG_AGAIN, HANG_MOST, Hanging
from sessions.driving.history import set_state
from sessions.driving.hosted import (
    BLOCKED_AFTER,
    BLOCKED_MOST,
    HEAR_EVERY,
    Hosted,
    free_threads,
    settle_left,
)
from sessions.driving.in_flight import InFlight
from sessions.driving.runners import Heartbeat
from sessions.driving.shares import Spaced
from sessions.driving.throttled import Throttled
from sessions.driving.turns import Turns
from sessions.events import Link
from sessions.interfaces import LeaseLost, LinkLost, Outbox
from sessions.registry import PacingProfile, backend_of
from sessions.states import State

log = structlog.get_logger()

CAPACITY = 500  # links of one host
SENDING = 32  # threads beside, of which there are none until a link sends several messages at once
THREADS = 23  # for steps; with the loop, the look, the heartbeat, the listener, a store's watch, one or two that link accounts and the connections' two 32
LOOK_EVERY = 5.0  # seconds between two looks for links to take, and for work of those that it holds
AT_MOST_EVERY = 0.2  # seconds between two looks, however often it is told to
ASK_EVERY = 1.0  # seconds, never scaled, between two looks for leases that were lost
AT_ONCE = 4  # steps of one link after the other in one thread; then others have their turn
CLOSE_WITHIN = 7.0  # seconds that a stop waits for steps in hand and for links to close, and for the look after it


@dataclass
class Host:
    """Takes links up to its capacity and drives them until it is stopped.

    `outbox` makes the outbox of one link, which calls what it is given whenever the database has answered; `limits` is told what each look saw of the sessions' limits, and
    gives those for which they have changed; `forget` is told of those that are driven here no more.
    """

    runner: Heartbeat
    work: Work
    outbox: Callable[[Callable[[], None]], Outbox]
    limits: Callable[[dict[int, str]], set[int]] = lambda _seen: set()
    forget: Callable[[int], None] = lambda _session_id: None
    capacity: int = CAPACITY
    threads: int = THREADS
    connecting: Spaced = field(default_factory=Spaced)
    leaving: Spaced = field(default_factory=Spaced)
    _links: dict[int, Hosted] = field(default_factory=dict)
    _turns: Turns = field(default_factory=Turns)
    _hanging: Hanging = field(default_factory=Hanging)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _soon: threading.Event = field(default_factory=threading.Event)
    _is_ending: bool = False
    _waits_until: float = 0.0  # monotonic seconds
    _sending: ThreadPoolExecutor = field(
        default_factory=partial(ThreadPoolExecutor, SENDING, "send")
    )
    _places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(SENDING)
    )

    def run(self, stop: Signal) -> bool:
        """Drive until `stop`; then every link is closed, after the step in hand, and its lease given back.

        Also where too many links hang: whoever runs in its place has all its threads.
        False where some hang: their leases run out once this process has ended, and their threads never do.
        """
        steps = ThreadPoolExecutor(self.threads + BLOCKED_MOST, thread_name_prefix="step")
        looks = ThreadPoolExecutor(1, thread_name_prefix="look").submit(self._keep_looking, stop)
        lost = Throttled(self._wake_lost, ASK_EVERY)
        while not (stop.is_set() or looks.done() or self._too_many_hang()):
            lost()
            for hosted in self._due():
                hosted.step = steps.submit(self._step, hosted)
            self._wait()
        # Threads of their own, in place of those that have nothing to do: all others may hang.
        idle = self._idle_at_the_end()
        steps.shutdown(wait=False)
        busy = len(self._links) - len(idle) + len(self._hanging)
        closing = ThreadPoolExecutor(max(1, self.threads - busy), thread_name_prefix="close")
        for hosted in idle:
            closing.submit(self._close, hosted)
        self._soon.set()
        hung = self._hung()
        for pool in (steps, closing, self._sending):
            pool.shutdown(wait=not hung)
        if looks in wait([looks], CLOSE_WITHIN).done:
            looks.result()  # what ended them before their time is raised
        return not hung

    def _idle_at_the_end(self) -> list[Hosted]:
        """The links that no thread has, now busy with their end; the others are closed when their step has ended."""
        with self._news:
            self._is_ending = True
            idle = [
                hosted for hosted in self._links.values()
                if not hosted.busy or (hosted.step and hosted.step.cancel())
            ]  # fmt: skip
            for hosted in idle:
                self._turns.begins(hosted)
        return idle

    def _hung(self) -> list[Hosted]:
        """The links that are not closed after a while; none of them is given back."""
        with self._news:
            self._news.wait_for(lambda: not self._links, CLOSE_WITHIN)
            hung = [*self._links.values(), *self._hanging]
        for hosted in hung:
            log.error("link_hangs", session=hosted.held.token.session_id)
            self.runner.leave(hosted.held)
        return hung

    def _too_many_hang(self) -> bool:
        """Let go of links that hang, so that others may drive them, or this host anew. Returns whether they are too many."""
        with self._news:
            for hosted in self._hanging.found(self._links):
                self._turns.leaves(hosted)
                self.runner.let_run_out(hosted.held)
            return len(self._hanging) > min(HANG_MOST, self.threads - 1)

    def look_soon(self) -> None:
        """Something new may be due: ask at once instead of within seconds. From any thread."""
        self._soon.set()

    def _keep_looking(self, stop: Signal) -> None:
        """Look every few seconds, in a thread and with a connection of its own."""
        shared_connections.keep_own()
        try:
            while not (stop.is_set() or self._is_ending):
                self._soon.clear()
                self._look()
                time.sleep(min(AT_MOST_EVERY, clock.scaled(LOOK_EVERY)))
                self._soon.wait(clock.scaled(LOOK_EVERY))
        finally:
            connection.close()

    def _look(self) -> None:
        """Take what nobody drives, and wake what has work or other limits; after an error of the database it is asked again."""
        try:
            room = connecting.room(self.connecting, self._in_hand(), self.capacity, LOOK_EVERY)
            found = claim_for_host(self.runner, self.work, **room)
        except Error as error:
            log.warning("not_looked", error=type(error).__name__)
            connection.close()
            return
        self.connecting.beside = self.leaving.beside = found.beside
        for due in found.due:
            self._take(due)
        with self._news:
            connecting.plan(self.connecting, self._links.values(), found.waiting, self._turns)
            self._news.notify()
        self._share_out(found)
        changed = self.limits(found.limits)
        for hosted in self._in_hand():
            token = hosted.held.token
            if token.link_id in found.waiting:
                hosted.asleep_until = None
            if token.link_id in found.waiting or token.session_id in changed:
                self._wake(hosted)

    def _take(self, due: Due) -> None:
        if not due.opens:
            settle_left(due.held, self.outbox(lambda: None))
            return
        hosted, link_id = Hosted(due.held), due.held.token.link_id
        hangs = sum(one.held.token.link_id == link_id for one in self._hanging)
        with self._news:
            before = self._links.get(link_id)
            if before is None and hangs < HANG_AGAIN and not self._is_ending:
                self._turns.comes_due(hosted, self.connecting.moment())
                self._links[link_id] = hosted
                self._news.notify()
                return
        # Two would be open on one link: the old one, whose lease had run out, is closed first.
        self.runner.let_run_out(due.held)
        if before:
            self._wake(before)

    def _share_out(self, found: HostWork) -> None:
        """Give back what is more than an even share, one by one: first what has nothing to send, and is not connected yet."""
        if found.share is None:
            return
        with self._news:
            most = self.leaving.room(LOOK_EVERY)
            for hosted in connecting.above_share(self._links.values(), found.share, most):
                hosted.is_leaving = True
                self._turns.comes_due(hosted, self.leaving.moment())
            self._news.notify()

    def _in_hand(self) -> list[Hosted]:
        with self._news:
            return list(self._links.values())

    def _wake_lost(self) -> None:
        """Close what may be driven elsewhere by now; that needs no database."""
        for hosted in self._in_hand():
            if hosted.held.is_set():
                self._wake(hosted)

    def _wake(self, hosted: Hosted) -> None:
        """Call the link's drive at once, or again when the step that runs has ended. From any thread."""
        hosted.asks_at = 0.0
        self._hear(hosted)

    def _hear(self, hosted: Hosted) -> None:
        """The same for a link that has something to tell, and where nothing says that there is work."""
        with self._news:
            hosted.woken = True
            # One that is yet to be connected, or that leaves, has its moment.
            if not hosted.busy and hosted.drive is not None and not hosted.is_leaving:
                self._turns.comes_due_by(hosted, monotonic())
                if hosted.due_at < self._waits_until:  # else the loop is not late for it
                    self._news.notify()

    def _due(self) -> list[Hosted]:
        """The links whose time has come and for which there is a thread, each now busy."""
        with self._news:
            return self._turns.due(monotonic(), self._free())

    def _free(self) -> int:
        return free_threads(self._turns.busy, let_go=len(self._hanging), threads=self.threads)

    def _wait(self) -> None:
        with self._news:
            now, free = monotonic(), self._free()
            # Where no thread is free, each that becomes so is told.
            self._waits_until = (
                min(now + ASK_EVERY, self._turns.next_moment()) if free else float("inf")
            )
            longest = ASK_EVERY if free else BLOCKED_AFTER / 4
            self._news.wait(max(0.0, min(self._waits_until - now, longest)))

    def _step(self, hosted: Hosted) -> None:
        """Open the link, or drive it by one step and the next few that are wanted at once; then it waits, or is closed."""
        left = AT_ONCE
        while left and (again := self._tried(hosted)) is not None:
            left -= 1
            with self._news:
                if self._is_ending or self._links.get(hosted.held.token.link_id) is not hosted:
                    break
                at_once = hosted.woken or hosted.is_leaving or again <= 0
                hosted.stepping_since = None
                if left and at_once:
                    hosted.woken = False
                    continue
                self._turns.ends(hosted)
                self._turns.comes_due(hosted, monotonic() + (0.0 if at_once else again))
                if hosted.due_at < self._waits_until:
                    self._news.notify()
                return
        self._close(hosted)

    def _tried(self, hosted: Hosted) -> float | None:
        """Do one step. Returns as `_stepped`; None also where it failed."""
        hosted.stepping_since = hosted.silent_since = monotonic()
        try:
            try:
                return self._stepped(hosted)
            except LinkLost as lost:
                link_losses.record(hosted.held.token, lost)
        except LeaseLost:
            log.warning("lease_lost", session=hosted.held.token.session_id)
        except Error as error:
            # What it asked for may have been done, a claim too: only a newer fence can settle that.
            log.warning("database_failed", error=type(error).__name__)
        except Exception:
            # One link's fault is no other's: it is let go, and tried again in a while.
            log.exception("step_failed", session=hosted.held.token.session_id)
        finally:
            connection.close()
        return None

    def _stepped(self, hosted: Hosted) -> float | None:
        """Do one step. Returns the seconds until the next is wanted, None where the link is to be closed."""
        if hosted.held.is_set():
            raise LeaseLost
        if hosted.is_leaving:
            return None
        if hosted.drive is None:
            self._open(hosted)
        assert hosted.drive is not None
        now = runner_clock.now()
        due = hosted.drive.step(now, asks=hosted.asks_by_now())
        # It was listened to, and did not say that it is gone.
        hosted.proof()
        if due is None and not hosted.drive.sends and hosted.has_done():
            return None
        hosted.put_to_sleep(hosted.drive.idle_until, now)
        again = clock.scaled(HEAR_EVERY)
        if due is not None:
            again = min(again, (due - now).total_seconds())
        hosted.asks_again(again)
        return again

    def _open(self, hosted: Hosted) -> None:
        token = hosted.held.token
        drive, link = hosted.prepare(
            self.outbox(hosted.database_answered), wake=partial(self._hear, hosted)
        )
        # Those known here may be of another link of the session, of another kind.
        self.forget(token.session_id)
        in_flight = backend_of(link).in_flight
        # Seconds between two messages are kept by sending one after the other.
        if in_flight > 1 and link.session.pacing_profile is not PacingProfile.PHONE:
            woken = partial(self._wake, hosted)
            drive.flow = InFlight(self._sending, self._places, in_flight, woken)
        connection.close()
        hosted.database_answered()
        opened = drive.transport.open()
        hosted.database_answered()
        if opened.link is not Link.ONLINE:
            raise LinkLost(opened.reason, opened.link, opened.until, params=opened.params)
        set_state(link.pk, State.ONLINE, token=token)
        link_updates.opened(token, opened)

    def _close(self, hosted: Hosted) -> None:
        """Close the link and give its lease back."""
        try:
            if hosted.drive is not None:
                hosted.drive.flow.wait()
                hosted.drive.transport.close()
            self.runner.give_back(hosted.held)
        finally:
            self.runner.let_run_out(hosted.held)
            with self._news:
                self._turns.leaves(hosted)
                if self._links.get(hosted.held.token.link_id) is hosted:
                    del self._links[hosted.held.token.link_id]
                self._news.notify_all()
            self.forget(hosted.held.token.session_id)
            hosted.offer_on()
            connection.close()
