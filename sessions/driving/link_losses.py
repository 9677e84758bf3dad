"""What a visit or a host writes down when a link went away."""

from datetime import timedelta

import structlog

from blu.db.retry import retry_while_away
from sessions.driving import runner_clock
from sessions.driving.history import set_state
from sessions.interfaces import LeaseLost, LeaseToken, LinkLost
from sessions.reasons import UNTIL
from sessions.states import State, state_of

log = structlog.get_logger()

# When a link that doesn't say itself when it is well again is looked at next.
LOOK_AGAIN = {
    State.RESTRICTED: timedelta(days=1),
    State.STOPPED: timedelta(minutes=30),
    State.OUTDATED: timedelta(hours=1),
}


def record(token: LeaseToken, lost: LinkLost) -> None:
    """Say in the link's state what happened; nothing is failed for it, and a lost lease says nothing."""
    log.warning("link_lost", session=token.session_id, link=lost.link.value, reason=lost.reason)
    try:
        retry_while_away(lambda: keep(token, lost))
        lost.acknowledge()
    except LinkLost:
        log.info("not_acknowledged", session=token.session_id)  # its next opening tells it again
    except LeaseLost:
        log.warning("lease_lost", session=token.session_id, fence=token.fence)


def keep(token: LeaseToken, lost: LinkLost) -> None:
    """Write the loss into the link's state. Raises LeaseLost under an old fence."""
    state = state_of(lost.link)
    until = lost.until or (runner_clock.now() + LOOK_AGAIN[state] if state in LOOK_AGAIN else None)
    params = {**lost.params, UNTIL: lost.until.isoformat()} if lost.until else lost.params
    set_state(token.link_id, state, lost.reason, params=params, until=until, token=token)
