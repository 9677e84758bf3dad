"""Runners: processes that hold leases. One heartbeat keeps all leases of a process alive."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import psutil
import structlog
from django.conf import settings
from django.db import Error, connection
from django.db.models.functions import Now

from blu.db import clock, retry, shared_connections
from sessions import registry
from sessions.driving import leases
from sessions.driving.leases import Taken
from sessions.interfaces import LeaseToken
from sessions.models import Lease, Link, Runner

log = structlog.get_logger()

RENEW_EVERY = 10.0  # seconds
JOINS_WITHIN = 5.0  # seconds that the end of a runner waits for the renewal under way
FORGOTTEN = timedelta(hours=1)  # after which a silent runner's row is removed


@dataclass(frozen=True)
class Held:
    """A lease that a runner holds; `is_set` says that it was lost."""

    token: LeaseToken
    runner: "Heartbeat"

    def is_set(self) -> bool:
        """Returns True once the lease is another runner's, or may be."""
        return self.runner.has_lost(self.token)


class Heartbeat:
    """This process as a runner: its leases, and until when each of them is certainly its own.

    That is counted from before each renewal by a clock that also runs while the process is stopped: who
    wakes up after more than a TTL knows at once that others may drive by now.
    """

    def __init__(self) -> None:
        self.id: UUID = uuid4()
        self.left: set[int] = set()  # links whose leases are not given back at the end
        self._held: dict[LeaseToken, float] = {}  # until when for certain
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def take(self, link_id: int) -> Held | None:
        """Lease a link; None while another holds it, or while what drove it can't be ended."""
        started = self.now()
        taken = leases.take(link_id, self.id)
        return self.holds(taken, since=started) if taken else None

    def holds(self, taken: Taken, *, since: float) -> Held | None:
        """Make a lease just taken ours; `since` is from before it was asked for.

        What the last holder left running on the credentials is ended before anything is done under the
        new lease: until then it might still press Enter. None where it does not die.
        """
        if taken.left_open and not _evicted(taken.token.link_id):
            leases.expire(taken.token)
            return None
        with self._lock:
            self._held[taken.token] = since + clock.scaled(leases.TTL)
        return Held(taken.token, self)

    def give_back(self, held: Held) -> None:
        """Release one lease, once its link is closed; the others stay. What is lost is not waited for."""
        lost = held.is_set()
        self.let_run_out(held)
        if not lost:
            retry.retry_while_away(lambda: leases.release(held.token))

    def let_run_out(self, held: Held) -> None:
        """Keep one lease alive no longer: within a TTL it may be taken again."""
        with self._lock:
            self._held.pop(held.token, None)

    def leave(self, held: Held) -> None:
        """This lease runs out by itself: what drives the link can't be closed, and ends with the process."""
        self.left.add(held.token.link_id)

    def now(self) -> float:
        """The time that leases are counted by here, in seconds: it also runs while we are stopped."""
        return time.monotonic()

    def has_lost(self, token: LeaseToken) -> bool:
        """Whether another may hold this lease by now."""
        return self.now() > self._held.get(token, float("-inf"))

    def renew(self) -> None:
        """One sign of life; what is no longer ours is lost."""
        before = self.now()
        with self._lock:
            held = set(self._held)
        try:
            kept = leases.renew(self.id, held)
        except Error as error:
            # Whatever it is, each lease has until its time is up, and the next beat may be answered. Its text
            # may hold people's data.
            log.warning("not_renewed", error=type(error).__name__)
            connection.close()
            return
        until = before + clock.scaled(leases.TTL)
        with self._lock:
            # Not one that was given back while we asked.
            for token in held & self._held.keys():
                if kept.get(token):
                    self._held[token] = until
                elif token not in kept:
                    del self._held[token]
                    log.warning("lease_lost", session=token.session_id, fence=token.fence)

    def run(self) -> None:
        """Renew until the runner ends; its own thread, with its own connection.

        A process whose heart stops by a fault of ours ends: it would take lease after lease and keep none.
        """
        shared_connections.keep_own()
        try:
            while not self._stop.wait(clock.scaled(RENEW_EVERY)):
                self.renew()
        except Exception:
            log.exception("heartbeat_failed")
            os._exit(1)
        finally:
            connection.close()

    def end(self) -> None:
        """No more signs of life."""
        self._stop.set()


@contextmanager
def running(capacity: int | None = None) -> Iterator[Heartbeat]:
    """Be a runner for the time of the block; what it still holds at the end is given back,
    but for what it leaves. `capacity` is a host's.
    """
    runner = Heartbeat()
    process = psutil.Process()
    retry.retry_while_away(
        lambda: Runner.objects.update_or_create(
            pk=runner.id,
            defaults={
                "node": settings.NODE, "host": socket.gethostname()[:100],
                "pid": process.pid, "born": process.create_time(), "capacity": capacity,
            },
        )
    )  # fmt: skip
    thread = threading.Thread(target=runner.run, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield runner
    finally:
        runner.end()
        thread.join(JOINS_WITHIN)
        retry.retry_while_away(lambda: _left(runner))


def host_lives() -> bool:
    """Whether any node has a host, by its sign of life."""
    silence = timedelta(seconds=clock.scaled(leases.TTL))
    return Runner.objects.filter(capacity__isnull=False, heartbeat__gt=Now() - silence).exists()


def expire_dead() -> int:
    """Expire the leases of runners on this machine whose process is gone, so that nobody waits for
    their time; those of another container are none of ours. Returns the number of runners.
    """
    dead = [
        runner.pk
        for runner in Runner.objects.filter(node=settings.NODE, host=socket.gethostname()[:100])
        if not _lives(runner)
    ]
    for pk in dead:
        held = leases.held().filter(runner=pk)
        links = list(held.values_list("link_id", flat=True))
        held.update(expires_at=Now())
        Link.objects.filter(pk__in=links).update(retry_at=None)
        log.warning("leases_of_dead_expired", links=links)
    Runner.objects.filter(pk__in=dead).delete()
    Runner.objects.filter(heartbeat__lt=Now() - FORGOTTEN).delete()
    return len(dead)


def _lives(runner: Runner) -> bool:
    """Whether its process still is; a pid may have been given to another."""
    if runner.pid == os.getpid():
        return True
    try:
        process = psutil.Process(runner.pid)
        gone = process.status() == psutil.STATUS_ZOMBIE
        return abs(process.create_time() - runner.born) < 1 and not gone
    except psutil.NoSuchProcess:
        return False


def _left(runner: Heartbeat) -> None:
    held = Lease.objects.filter(runner=runner.id)
    held.exclude(link__in=runner.left).update(expires_at=None, runner=None)
    if not runner.left:
        # Otherwise its row says, once the process is gone, that nobody need wait for the rest.
        Runner.objects.filter(pk=runner.id).delete()


def _evicted(link_id: int) -> bool:
    link = Link.objects.get(pk=link_id)
    if registry.backend_of(link).evict(link):
        return True
    log.error("old_holder_does_not_die", link=link_id)
    return False
