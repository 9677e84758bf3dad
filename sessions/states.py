"""The states of a link to WhatsApp, every move between them, and what each state means.

The triggers and the constraints of the column are made from here; `sessions.driving.history.set_state` is the only
code that writes it (docs/decisions/0034).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from blu.db.state_machine import BORN, sources
from sessions.events import Link


class State(models.TextChoices):
    """The state of a link, as its owner sees it."""

    UNLINKED = "unlinked", _("não conectado")
    PAIRING = "pairing", _("conectando")
    ONLINE = "online", _("conectado")
    OFFLINE = "offline", _("sem conexão")
    RESTING = "resting", _("em descanso")
    RESTRICTED = "restricted", _("restrito")
    # Linked, but it behaves in a way nobody has described: nothing is sent until it was looked at.
    STOPPED = "stopped", _("parado por segurança")
    CONFLICT = "conflict", _("aberto em outro lugar")
    LOGGED_OUT = "logged_out", _("desconectado pelo celular")
    BANNED = "banned", _("bloqueado pelo WhatsApp")
    # WhatsApp speaks to newer programs only: ours has to be renewed.
    OUTDATED = "outdated", _("à espera de atualização")
    # WhatsApp wants a passkey to link this account, and a server can't have one.
    NEEDS_PASSKEY = "needs_passkey", _("precisa de chave de acesso")

    @property
    def is_visited(self) -> bool:
        """Opened whenever something is due."""
        return self in VISITED

    @property
    def is_visited_in_time(self) -> bool:
        """Opened again once its `until` has passed, and not before."""
        return self in VISITED_IN_TIME

    @property
    def is_linked(self) -> bool:
        """WhatsApp still counts blü among the account's linked devices."""
        return self in LINKED

    @property
    def is_well(self) -> bool:
        """Linked, and the last thing that was heard of it was good."""
        return self in WELL

    @property
    def is_away(self) -> bool:
        """Nothing is sent until a person or the network helps; the owner gets an alert while messages wait."""
        return self in AWAY

    @property
    def needs_owner(self) -> bool:
        """The owner gets an alert even while no message waits, since replies aren't received either."""
        return self in NEED_OWNER

    @property
    def may_pair(self) -> bool:
        """A new code is the way on; in all others it would displace a link that works."""
        return self in MAY_PAIR


VISITED = (State.ONLINE, State.OFFLINE, State.RESTING)
VISITED_IN_TIME = (State.RESTRICTED, State.STOPPED, State.OUTDATED)
LINKED = (*VISITED, *VISITED_IN_TIME, State.CONFLICT)
WELL = (State.ONLINE, State.RESTING)
AWAY = (
    State.OFFLINE,
    *VISITED_IN_TIME,
    State.CONFLICT,
    State.LOGGED_OUT,
    State.BANNED,
    State.NEEDS_PASSKEY,
)
NEED_OWNER = (
    State.RESTRICTED,
    State.CONFLICT,
    State.LOGGED_OUT,
    State.BANNED,
    State.NEEDS_PASSKEY,
)

# What a look at a link may find, from any state in which it is looked at.
_FOUND = (
    State.ONLINE,
    State.OFFLINE,
    State.RESTRICTED,
    State.STOPPED,
    State.CONFLICT,
    State.LOGGED_OUT,
    State.BANNED,
    State.OUTDATED,
)
MOVES: dict[str, tuple[State, ...]] = {
    BORN: (State.UNLINKED,),
    State.UNLINKED: (State.PAIRING,),
    State.PAIRING: (
        State.ONLINE,
        State.RESTING,
        State.UNLINKED,
        State.NEEDS_PASSKEY,
        State.BANNED,
        State.OUTDATED,
    ),
    # Only what was open and well comes to rest.
    State.ONLINE: (*_FOUND, State.RESTING, State.UNLINKED),
    State.OFFLINE: (*_FOUND, State.UNLINKED),
    State.RESTING: (*_FOUND, State.UNLINKED),
    State.RESTRICTED: (*_FOUND, State.UNLINKED),
    State.STOPPED: (*_FOUND, State.UNLINKED),
    State.OUTDATED: (*_FOUND, State.UNLINKED),
    # From these a person leads back, by linking anew.
    State.CONFLICT: (State.PAIRING, State.UNLINKED),
    # Or the machine that held the link, when it comes back (sessions.driving.homes).
    State.LOGGED_OUT: (State.PAIRING, State.UNLINKED, State.OFFLINE),
    State.BANNED: (State.PAIRING, State.UNLINKED),
    State.NEEDS_PASSKEY: (State.PAIRING, State.UNLINKED),
}
MAY_PAIR = tuple(State(state) for state in sources(State.PAIRING, MOVES))

UNPROVEN = "unproven"
"""What pages show of a link that says it is well, but has not proven it for too long (sessions.health): it may
be quiet only, so it is never called offline."""

LIMITED = "limited"
"""What pages show of a link that is well while WhatsApp lets the account begin no new chat (sessions.driving.account_limits):
who has written to it goes on receiving, the others wait."""

# The state that most needs a person comes first; the last one means that nothing is linked.
URGENCY = (
    State.BANNED,
    State.CONFLICT,
    State.RESTRICTED,
    State.LOGGED_OUT,
    State.NEEDS_PASSKEY,
    State.STOPPED,
    State.OUTDATED,
    LIMITED,
    UNPROVEN,
    State.OFFLINE,
    State.ONLINE,
    State.RESTING,
    State.PAIRING,
    State.UNLINKED,
)


def state_of(link: Link) -> State:
    """The state that a link is in, by what a transport says of it."""
    return State.LOGGED_OUT if link is Link.NEEDS_PAIRING else State(link.value)
