"""When a session may be called connected: only after a proven round trip."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from sessions.models import Link, WhatsAppSession
from sessions.reasons import Code
from sessions.registry import backend_of
from sessions.states import LIMITED, UNPROVEN, WELL, State

# An open link proves itself by what it hears and sends; one that is idle for longer may be well, and nothing
# shows it. A resting one is proven at each visit, every ten minutes, and may wait for a slot.
ONLINE_FOR = timedelta(minutes=5)
RESTING_FOR = timedelta(hours=1)


def shown_state(
    state: str,
    proven_at: datetime | None,
    new_chats_left: int | None = None,
    new_chats_until: datetime | None = None,
    *,
    now: datetime | None = None,
) -> str:
    """The state as pages call it: its own, or of a link that is well what is to be said beside it.

    UNPROVEN where the last proof is too old, LIMITED while WhatsApp leaves the account no new chats.
    """
    lasts = {State.ONLINE: ONLINE_FOR, State.RESTING: RESTING_FOR}.get(State(state))
    if lasts is None:
        return state
    now = now or timezone.now()
    if not proven_at or now - proven_at > lasts:
        return UNPROVEN
    return LIMITED if new_chats_left == 0 and new_chats_until and new_chats_until > now else state


def in_words(link: Link | WhatsAppSession) -> str:
    """The state as support reads it: connected only where that is proven."""
    shown = shown_state_of(link) if isinstance(link, WhatsAppSession) else shown_state(link.state, link.proven_at)  # fmt: skip
    words = {UNPROVEN: _("não confirmado"), LIMITED: _("limitado pelo WhatsApp")}
    return words.get(shown) or link.get_state_display()


def shown_state_of(session: WhatsAppSession, *, now: datetime | None = None) -> str:
    """`shown_state` of a session."""
    limit = session.new_chats_left, session.new_chats_until
    return shown_state(session.state, session.proven_at, *limit, now=now)


def may_be_the_phone(session: WhatsAppSession) -> bool:
    """Whether looking at the phone may help a session that is away: not where the fault is ours."""
    return session.state != State.OFFLINE or session.state_reason in (Code.NONE, Code.OFFLINE)


def has_lost_its_home(session: WhatsAppSession) -> bool:
    """Logged out because the machine with its home is gone (sessions.driving.homes), not by the phone."""
    link = session.link
    return backend_of(link).bound and link.state == State.LOGGED_OUT and not link.node


def is_well(session: WhatsAppSession, *, now: datetime | None = None) -> bool:
    """Linked and proven; what WhatsApp lets it begin is another question."""
    return shown_state_of(session, now=now) in (*WELL, LIMITED)
