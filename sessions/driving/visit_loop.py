"""The loop of a visit around its drive: the drive says when it wants to go on, the loop waits for it.

It waits by listening, because what is heard meanwhile is kept and may be a reason to go on.
"""

from datetime import datetime
from time import monotonic

from sessions.driving import runner_clock
from sessions.driving.drive import Drive, Signal

POLL = 1.0  # seconds one wait for events lasts at the most
ASK_AGAIN = 2.5  # seconds: the limits that a wait keeps may be others by then
COLLECT_SECONDS = 30.0  # for what is still unread when a visit ends


def drive_until(deadline: float, drive: Drive, stop: Signal) -> None:
    """Step until `deadline` (monotonic seconds), a stop, or nothing that is due before the deadline."""
    while monotonic() < deadline and not stop.is_set():
        due = drive.step(runner_clock.now())
        if due is None or not _waited_for(due, deadline, drive, stop):
            return


def linger_until(deadline: float, drive: Drive, stop: Signal) -> None:
    """Listen for the ticks of what was just sent, until none is missing or `deadline`."""
    while monotonic() < deadline and not stop.is_set() and drive.awaits_receipts():
        drive.hear(POLL)


def collect(drive: Drive, stop: Signal) -> None:
    """Hear what is there until nothing is unread, for as long as a closing visit may take."""
    deadline = monotonic() + COLLECT_SECONDS
    while monotonic() < deadline and not stop.is_set() and drive.hear(0).more:
        continue


def _waited_for(due: datetime, deadline: float, drive: Drive, stop: Signal) -> bool:
    """Listen until `due`, or until it is time to ask again; False when `due` is beyond the deadline: the
    visit may end.
    """
    end = monotonic() + (due - runner_clock.now()).total_seconds()
    if end > deadline:
        return False
    end = min(end, monotonic() + ASK_AGAIN)
    while (left := end - monotonic()) > 0 and not stop.is_set():
        if drive.hear(min(POLL, left)).more:
            return True
    return True
