"""The kinds of transport: one table, a line for each."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.conf import settings
from django.core.checks import CheckMessage
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from sessions.interfaces import Awaiting, LinkLost, Transport
from sessions.reasons import Code

if TYPE_CHECKING:
    from django.forms import Form
    from django_stubs_ext import StrOrPromise


class RunsIn(enum.Enum):
    """Who drives a kind of link: a visit for minutes at a time, or a host all day."""

    VISIT = "visit"
    HOST = "host"


class PacingProfile(enum.Enum):
    """By what a session is paced; what each means is said in campaigns.limits.pacing."""

    PHONE = "phone"
    """As a person's phone: seconds between two messages, and few new chats while the link is young."""
    QUOTA = "quota"
    """As an account of WhatsApp's own API for companies: by the quota that WhatsApp tells, and nothing else of a phone's."""
    UNLIMITED = "unlimited"
    """A trial's, on the simulator."""


class OfAKind(Protocol):
    """What is asked here of a link: its kind, and how its session is paced."""

    @property
    def transport(self) -> str:
        """A key of BACKENDS."""

    @property
    def session(self) -> Any:
        """A WhatsAppSession."""


class Factory(Protocol):
    """Makes a transport for one opening of a link; LinkLost where this machine can't.

    `awaiting` gives the messages whose tick is due, for those that must look for ticks; `wake` may be
    called from any thread: poll would give something now; once `stopping` is true every wait is short.
    """

    def __call__(
        self,
        link: OfAKind,
        *,
        awaiting: Awaiting,
        wake: Callable[[], None],
        stopping: Callable[[], bool],
    ) -> Transport:
        """A fresh transport."""


@dataclass(frozen=True)
class Words:
    """What pages say of a kind: on the pairing page, and of a move to it, by it, and back to it; `device` is what the
    phone's list of linked devices calls it.
    """

    title: StrOrPromise = ""
    sentence: StrOrPromise = ""
    go: StrOrPromise = ""
    now: StrOrPromise = ""
    kept: StrOrPromise = ""
    back: StrOrPromise = ""
    device: str = ""


@dataclass(frozen=True)
class Backend:
    """One kind: its name for people, who drives it, and its module, which nobody pays for who drives others.

    The module's `make` is a Factory. It may have `evict(link) -> bool`, `processes_on(home) -> list[int]`,
    `sweep()` and `checks()`: see the methods of the same names. `urls`: a module with its addresses, for
    what comes in by HTTP. `key_form`: the form of the key by which an account is linked, where no phone shows
    or types a code; what was filled in is JSON in the link's `credentials`. `bound`: what carries the link lies on one node. `in_flight`: how many messages of
    one link a host sends at once; then the transport is asked from as many threads. `default_pacing`: by what
    a session is paced whose active link is of the kind. `only_simulated`: it knows no way to WhatsApp, and
    exists only where there is a simulator. `pairs_in`: who shows its codes, the slots kept for pairing
    or a host. `offered`: a new session may be of it. `words`: what pages say of it.
    `logs_out`: its transport is LogsOut, and a host takes an unlinked device off the phone's list.
    """

    label: StrOrPromise
    module: str
    runs_in: RunsIn
    urls: str = ""
    key_form: str = ""
    bound: bool = False
    in_flight: int = 1
    default_pacing: PacingProfile = PacingProfile.PHONE
    only_simulated: bool = False
    pairs_in: RunsIn = RunsIn.VISIT
    offered: bool = True
    words: Words = field(default_factory=Words)
    logs_out: bool = False

    def make(
        self,
        link: OfAKind,
        *,
        awaiting: Awaiting = tuple,
        wake: Callable[[], None] = lambda: None,
        stopping: Callable[[], bool] = bool,
    ) -> Transport:
        """A fresh transport for one opening of this link, with all that it needs.

        LinkLost for a session that was made for the simulator where there is none: it must never meet
        WhatsApp with the simulator's freedom.
        """
        trial = link.session.pacing == link.session.Pacing.TRIAL
        if not settings.SIMULATOR_URL and (self.only_simulated or trial):
            raise LinkLost(Code.ONLY_FOR_TESTS)
        factory = cast(Factory, self._of_module("make", None))
        return factory(link, awaiting=awaiting, wake=wake, stopping=stopping)

    def linked_by(self) -> type[Form] | None:
        """The form of the key by which an account is linked; None where it is linked by a phone's code."""
        return cast("type[Form]", import_string(self.key_form)) if self.key_form else None

    def evict(self, link: OfAKind) -> bool:
        """End what a dead or lost holder left running on the link's credentials, on this node; never a
        worker, nor what drives other accounts. False while something does not die.
        """
        return bool(self._of_module("evict", lambda _link: True)(link))

    def processes_on(self, home: Path) -> list[int]:
        """Returns the ids of the processes that run on a home on this machine, whether or not the link is driven."""
        return list(self._of_module("processes_on", lambda _home: ())(home))

    def sweep(self) -> None:
        """Delete what the kind keeps longer than it is needed; each node's watch asks for it."""
        self._of_module("sweep", lambda: None)()

    def checks(self) -> Sequence[CheckMessage]:
        """What would stop every link of this kind, before anything starts."""
        return cast("Sequence[CheckMessage]", self._of_module("checks", tuple)())

    def _of_module(self, name: str, otherwise: Any) -> Any:
        return getattr(import_module(self.module), name, otherwise)


BACKENDS: dict[str, Backend] = {
    "direct": Backend(
        _("conexão direta"), "sessions.transports.direct.backend", RunsIn.HOST,
        pairs_in=RunsIn.HOST, logs_out=True,
        words=Words(
            title=_("Conexão direta"),
            sentence=_("O blü fala com o WhatsApp sem navegador: envia assim que você lança e ouve as respostas na hora."),
            go=_("Mudar para a conexão direta"),
            now=_("Agora pela conexão direta"),
            kept=_("A conexão direta está guardada"),
            back=_("Voltar para a conexão direta"),
            device="blü",
        ),
    ),
    "browser": Backend(
        _("navegador"), "sessions.transports.browser.backend", RunsIn.VISIT, bound=True,
        words=Words(
            title=_("Pelo navegador"),
            sentence=_("O blü abre o WhatsApp Web num navegador só seu: é mais lento e ouve as respostas a cada visita."),
            go=_("Mudar para o navegador"),
            now=_("Agora pelo navegador"),
            kept=_("O navegador está guardado"),
            back=_("Voltar para o navegador"),
            device="Google Chrome (Linux)",
        ),
    ),
    "simulated": Backend(
        _("simulado (só em testes)"), "sessions.transports.simulated.backend", RunsIn.VISIT,
        only_simulated=True,
    ),
    "inprocess": Backend(
        _("dentro do processo (só em testes)"), "sessions.transports.inprocess.backend", RunsIn.HOST,
        only_simulated=True,
    ),
}  # fmt: skip
DEFAULT = "browser"  # of new links, where no host runs


def choices() -> list[tuple[str, StrOrPromise]]:
    """The kinds that a link may be of, with their names for people."""
    return [(kind, backend.label) for kind, backend in BACKENDS.items()]


def offered(*, hosted: bool) -> dict[str, Backend]:
    """Those that a new session may be of, the best first, and none that is for tests.

    Without a host (`hosted`) none whose codes hosts show.
    """
    return {
        kind: backend
        for kind, backend in BACKENDS.items()
        if backend.offered
        and not backend.only_simulated
        and (hosted or backend.pairs_in is not RunsIn.HOST)
    }


def addresses() -> list[URLPattern | URLResolver]:
    """What comes in by HTTP for a kind is below its name."""
    return [
        path(f"{kind}/", include(backend.urls))
        for kind, backend in BACKENDS.items()
        if backend.urls
    ]


def backend_of(link: OfAKind) -> Backend:
    """The backend that drives a link."""
    return BACKENDS[link.transport]


def kinds_in(runs_in: RunsIn) -> tuple[str, ...]:
    """The kinds that a visit, or a host, drives."""
    return tuple(kind for kind, backend in BACKENDS.items() if backend.runs_in is runs_in)
