"""The long-lived runner that keeps links open and drives their outboxes, with the steps of a visit.

A few threads serve hundreds of links: a step is short, and a link that hangs holds one thread and no
connection to the database, because the outbox gives it back after each of its own steps.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from time import monotonic

import structlog
from django.db import InterfaceError, OperationalError, connection

from blu.lib import clock
from sessions import link_losses, models, services
from sessions.claim_due import Due, Work, look
from sessions.drive import Drive, Signal
from sessions.events import Link
from sessions.history import set_state
from sessions.interfaces import LeaseLost, LinkLost, Outbox
from sessions.registry import backend_of
from sessions.runners import Heartbeat, Held
from sessions.states import State
from sessions.throttled import Throttled

log = structlog.get_logger()

CAPACITY = 500  # links of one host
THREADS = 26  # for steps; with the loop, the heartbeat and the connections' own at most 32
LOOK_EVERY = 5.0  # seconds between two looks for links to take, and for work of those that it holds
AT_MOST_EVERY = 0.2  # seconds between two looks, however often it is told to
HEAR_EVERY = 60.0  # seconds after which also a link that said nothing is listened to
AGAIN = 5.0  # seconds before a step that the database broke off is tried again
CLOSE_WITHIN = 10.0  # seconds that a stop waits for steps in hand and for links to close


@dataclass(eq=False)
class Hosted:
    """One link in a host's hands; `drive` once it was opened, `busy` while its `step` waits for a thread or
    has one, and for good once it is let go.
    """

    held: Held
    drive: Drive | None = None
    busy: bool = False
    step: Future[None] | None = None
    woken: bool = False
    due_at: float = 0.0  # monotonic seconds


@dataclass
class Host:
    """Takes links up to its capacity and drives them until it is stopped.

    `outbox` makes the outbox of one link; `limits` is told what each look saw of the sessions' limits, and
    gives those for which they have changed; `forget` is told of those that are driven here no more.
    """

    runner: Heartbeat
    work: Work
    outbox: Callable[[], Outbox]
    limits: Callable[[dict[int, str]], set[int]] = lambda _seen: set()
    forget: Callable[[int], None] = lambda _session_id: None
    capacity: int = CAPACITY
    threads: int = THREADS
    _links: dict[int, Hosted] = field(default_factory=dict)
    _queue: list[tuple[float, int, Hosted]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _looked_at: float = float("-inf")
    _is_ending: bool = False

    def run(self, stop: Signal) -> bool:
        """Drive until `stop`; then every link is closed, after the step in hand, and its lease given back.

        False where some hang: their leases run out once this process has ended, and their threads never do.
        """
        steps = ThreadPoolExecutor(self.threads, thread_name_prefix="step")
        while not stop.is_set():
            if monotonic() - self._looked_at >= clock.scaled(LOOK_EVERY):
                self._look()
            for hosted in self._due():
                hosted.step = steps.submit(self._step, hosted)
            self._wait()
        # Threads of their own: all others may hang.
        closing = ThreadPoolExecutor(self.threads, thread_name_prefix="close")
        for hosted in self._idle_at_the_end():
            closing.submit(self._close, hosted)
        hung = self._hung()
        for pool in (steps, closing):
            pool.shutdown(wait=not hung)
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
                hosted.busy = True
        return idle

    def _hung(self) -> list[Hosted]:
        """The links that are not closed after a while; none of them is given back."""
        with self._news:
            self._news.wait_for(lambda: not self._links, CLOSE_WITHIN)
            hung = list(self._links.values())
        for hosted in hung:
            log.error("link_hangs", session=hosted.held.grip.session_id)
            self.runner.leave(hosted.held)
        return hung

    def look_soon(self) -> None:
        """Something new may be due: ask at once instead of within seconds. From any thread."""
        with self._news:
            soon = monotonic() - clock.scaled(LOOK_EVERY) + AT_MOST_EVERY
            self._looked_at = min(self._looked_at, soon)
            self._news.notify()

    def _look(self) -> None:
        """Take what nobody drives, and wake what has work or other limits; a lost database is asked again."""
        self._looked_at = monotonic()
        try:
            found = look(self.runner, self.work, limit=max(0, self.capacity - len(self._links)))
            for due in found.due:
                self._take(due)
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=type(error).__name__)
            return
        finally:
            connection.close()
        changed = self.limits(found.limits)
        for hosted in list(self._links.values()):
            grip = hosted.held.grip
            if grip.link_id in found.waiting or grip.session_id in changed or hosted.held.is_set():
                self._wake(hosted)

    def _take(self, due: Due) -> None:
        hosted = Hosted(due.held)
        if due.opens:
            with self._news:
                before = self._links.get(due.held.grip.link_id)
                self._links[due.held.grip.link_id] = hosted
            self._wake(hosted)
            if before:
                self._wake(before)  # its lease had run out: it is closed
            return
        # It may not be opened: only what its dead driver had in hand is settled.
        self.outbox().recover(due.held.grip)
        self.runner.give_back(due.held)

    def _wake(self, hosted: Hosted) -> None:
        """Call the link's drive at once, or again when the step that runs has ended. From any thread."""
        with self._news:
            hosted.woken = True
            if not hosted.busy:
                self._schedule(hosted, monotonic())
                self._news.notify()

    def _schedule(self, hosted: Hosted, at: float) -> None:
        hosted.due_at = at
        heapq.heappush(self._queue, (at, next(self._numbers), hosted))

    def _due(self) -> list[Hosted]:
        """The links whose time has come, each now busy."""
        found = []
        with self._news:
            while self._queue and self._queue[0][0] <= monotonic():
                at, _number, hosted = heapq.heappop(self._queue)
                # What was woken meanwhile has a newer entry.
                if at == hosted.due_at and not hosted.busy:
                    hosted.busy, hosted.woken = True, False
                    found.append(hosted)
        return found

    def _wait(self) -> None:
        with self._news:
            until = self._looked_at + clock.scaled(LOOK_EVERY)
            if self._queue:
                until = min(until, self._queue[0][0])
            if until > monotonic():
                self._news.wait(min(until - monotonic(), 1.0))

    # In a thread of the pool

    def _step(self, hosted: Hosted) -> None:
        """Open the link, or drive it by one step; then it waits for its time, or is let go."""
        again: float | None = None
        try:
            drive = hosted.drive or self._opened(hosted)
            now = clock.now()
            due = drive.step(now)
            again = clock.scaled(HEAR_EVERY) if due is None else (due - now).total_seconds()
        except LeaseLost:
            log.warning("lease_lost", session=hosted.held.grip.session_id)
        except LinkLost as lost:
            link_losses.record(hosted.held.grip, lost)
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=type(error).__name__)
            again = AGAIN
        except Exception:
            # One link's fault is no other's: it is let go, and tried again in a while.
            log.exception("step_failed", session=hosted.held.grip.session_id)
        finally:
            connection.close()
        with self._news:
            if again is not None and not self._is_ending:
                hosted.busy = False
                wait = 0.0 if hosted.woken else max(0.0, again)
                self._schedule(hosted, monotonic() + wait)
                self._news.notify()
                return
        self._close(hosted)

    def _opened(self, hosted: Hosted) -> Drive:
        grip, outbox = hosted.held.grip, self.outbox()
        link = models.Link.objects.select_related("session").get(pk=grip.link_id)
        transport = backend_of(link).make(
            link, awaiting=partial(outbox.awaiting_receipts, grip), wake=partial(self._wake, hosted)
        )
        proof = Throttled(partial(_proven, hosted.held))
        hosted.drive = Drive(
            grip, transport, outbox, lost=hosted.held,
            sends=link.session.active_link_id == link.pk, on_proof=proof,
        )  # fmt: skip
        connection.close()
        opened = transport.open()
        if opened.link is not Link.ONLINE:
            raise LinkLost(opened.reason, opened.link, opened.until, params=opened.params)
        set_state(link.pk, State.ONLINE, grip=grip)
        services.opened(grip, opened)
        return hosted.drive

    def _close(self, hosted: Hosted) -> None:
        """Close the link and give its lease back."""
        try:
            if hosted.drive is not None:
                hosted.drive.transport.close()
            self.runner.give_back(hosted.held)
        finally:
            with self._news:
                if self._links.get(hosted.held.grip.link_id) is hosted:
                    del self._links[hosted.held.grip.link_id]
                self._news.notify_all()
            self.forget(hosted.held.grip.session_id)
            connection.close()


def _proven(held: Held) -> None:
    try:
        services.proven(held.grip)
    finally:
        connection.close()
