"""The kinds of transport: one table, a line for each."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from sessions.interfaces import Awaiting, LinkLost, Transport
from sessions.models import WhatsAppSession
from sessions.reasons import Code

Kind = WhatsAppSession.Transport


class RunsIn(enum.Enum):
    """Who drives a kind of link: a visit for minutes at a time, or a host all day."""

    VISIT = "visit"
    HOST = "host"


class Factory(Protocol):
    """Makes a transport for one opening of a session; LinkLost where this machine can't.

    `awaiting` gives the messages whose tick is due, for those that must look for ticks; `wake` may be
    called from any thread: poll would give something now; once `stopping` is true every wait is short.
    """

    def __call__(
        self,
        session: WhatsAppSession,
        *,
        awaiting: Awaiting,
        wake: Callable[[], None],
        stopping: Callable[[], bool],
    ) -> Transport:
        """A fresh transport."""


@dataclass(frozen=True)
class Backend:
    """One kind: where its factory is found, which nobody pays for who drives others, and who drives it.

    `only_simulated`: it knows no way to WhatsApp, and exists only where there is a simulator.
    """

    factory: str
    runs_in: RunsIn
    only_simulated: bool = False

    def make(
        self,
        session: WhatsAppSession,
        *,
        awaiting: Awaiting = tuple,
        wake: Callable[[], None] = lambda: None,
        stopping: Callable[[], bool] = bool,
    ) -> Transport:
        """A fresh transport for one opening of this session, with all that it needs.

        LinkLost for a session that was made for the simulator where there is none: it must never meet
        WhatsApp with the simulator's freedom.
        """
        trial = session.pacing == WhatsAppSession.Pacing.TRIAL
        if not settings.SIMULATOR_URL and (self.only_simulated or trial):
            raise LinkLost(Code.ONLY_FOR_TESTS)
        factory = cast(Factory, import_string(self.factory))
        return factory(session, awaiting=awaiting, wake=wake, stopping=stopping)


BACKENDS: dict[str, Backend] = {
    Kind.BROWSER: Backend("sessions.browser_backend.make", RunsIn.VISIT),
    Kind.SIMULATED: Backend("sessions.simulated_backend.make", RunsIn.VISIT, only_simulated=True),
    Kind.INPROCESS: Backend("sessions.inprocess_backend.make", RunsIn.HOST, only_simulated=True),
}


def backend_of(session: WhatsAppSession) -> Backend:
    """The backend that drives a session."""
    return BACKENDS[session.transport]


def kinds_in(runs_in: RunsIn) -> Sequence[str]:
    """The kinds that a visit, or a host, drives."""
    return [kind for kind, backend in BACKENDS.items() if backend.runs_in is runs_in]
