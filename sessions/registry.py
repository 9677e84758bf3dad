"""The kinds of transport: one table, a line for each."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from sessions.interfaces import Awaiting, LinkLost, Transport
from sessions.models import Link, WhatsAppSession
from sessions.reasons import Code

Kind = Link.Transport


class RunsIn(enum.Enum):
    """Who drives a kind of link: a visit for minutes at a time, or a host all day."""

    VISIT = "visit"
    HOST = "host"


class Factory(Protocol):
    """Makes a transport for one opening of a link; LinkLost where this machine can't.

    `awaiting` gives the messages whose tick is due, for those that must look for ticks; `wake` may be
    called from any thread: poll would give something now; once `stopping` is true every wait is short.
    """

    def __call__(
        self,
        link: Link,
        *,
        awaiting: Awaiting,
        wake: Callable[[], None],
        stopping: Callable[[], bool],
    ) -> Transport:
        """A fresh transport."""


@dataclass(frozen=True)
class Backend:
    """One kind: where its factory is found, which nobody pays for who drives others, and who drives it.

    `evict` ends what a dead or lost holder left running on a link's credentials, on this node, never a
    worker nor what drives other accounts, and gives False while something does not die; "" where
    nothing runs on them. `bound`: what carries the link lies on one node. `only_simulated`: it knows no
    way to WhatsApp, and exists only where there is a simulator.
    """

    factory: str
    runs_in: RunsIn
    evict: str = ""
    bound: bool = False
    only_simulated: bool = False

    def make(
        self,
        link: Link,
        *,
        awaiting: Awaiting = tuple,
        wake: Callable[[], None] = lambda: None,
        stopping: Callable[[], bool] = bool,
    ) -> Transport:
        """A fresh transport for one opening of this link, with all that it needs.

        LinkLost for a session that was made for the simulator where there is none: it must never meet
        WhatsApp with the simulator's freedom.
        """
        trial = link.session.pacing == WhatsAppSession.Pacing.TRIAL
        if not settings.SIMULATOR_URL and (self.only_simulated or trial):
            raise LinkLost(Code.ONLY_FOR_TESTS)
        factory = cast(Factory, import_string(self.factory))
        return factory(link, awaiting=awaiting, wake=wake, stopping=stopping)


BACKENDS: dict[str, Backend] = {
    Kind.BROWSER: Backend(
        "sessions.browser_backend.make",
        RunsIn.VISIT,
        evict="sessions.browser_backend.evict",
        bound=True,
    ),
    Kind.SIMULATED: Backend("sessions.simulated_backend.make", RunsIn.VISIT, only_simulated=True),
    Kind.INPROCESS: Backend("sessions.inprocess_backend.make", RunsIn.HOST, only_simulated=True),
}


def backend_of(link: Link) -> Backend:
    """The backend that drives a link."""
    return BACKENDS[link.transport]


def evict(link: Link) -> bool:
    """End what was left running on the link's credentials, as its backend says."""
    how = backend_of(link).evict
    return bool(import_string(how)(link)) if how else True


def kinds_in(runs_in: RunsIn) -> tuple[str, ...]:
    """The kinds that a visit, or a host, drives."""
    return tuple(kind for kind, backend in BACKENDS.items() if backend.runs_in is runs_in)
