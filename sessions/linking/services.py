"""What people do to sessions: made, linked, moved over, unlinked. Every change of state is an event row."""

import secrets
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from blu.accounts.models import Business, User
from blu.accounts.refused import Refused
from blu.jobs import queue
from sessions import registry
from sessions.driving import account_limits, homes, leases, moving, nodes, runner_clock
from sessions.driving.history import note, set_state
from sessions.driving.link_updates import differ
from sessions.interfaces import LeaseLost, LeaseToken
from sessions.linking import accounts
from sessions.linking.refusals import LinkRefusal
from sessions.models import (
    OPEN_PAIRING,
    BrowserLook,
    Lease,
    Link,
    Pairing,
    SessionEvent,
    WhatsAppSession,
)
from sessions.reasons import UNTIL, Code, shortened, storable
from sessions.registry import RunsIn
from sessions.states import State


@transaction.atomic
def create_session(
    *, business: Business, name: str, actor: User, transport: str = registry.DEFAULT
) -> WhatsAppSession:
    """A new, unlinked session of a business. On the simulator it has no pacing limits."""
    session = WhatsAppSession(
        business=business,
        name=name.strip(),
        pacing=WhatsAppSession.Pacing.TRIAL
        if settings.SIMULATOR_URL
        else WhatsAppSession.Pacing.REAL,
    )
    try:
        with transaction.atomic():
            session.save()
    except ValidationError:
        raise Refused(LinkRefusal.FULL, most=WhatsAppSession.MOST) from None
    except IntegrityError:
        raise Refused(LinkRefusal.NAME_TAKEN) from None
    link = add_link(session=session, transport=transport)
    session.active_link = link
    session.save(update_fields=["active_link"])
    note(link, Code.CREATED, params={"person": str(actor)})
    return session


def add_link(*, session: WhatsAppSession, transport: str = registry.DEFAULT) -> Link:
    """A new, unlinked link of a session, beside those it has: it may be paired, hear and prove."""
    home = f"{session.business.slug[:24]}-{secrets.token_hex(4)}"
    with transaction.atomic():
        link = Link.objects.create(session=session, transport=transport, home=home)
        Lease.objects.create(link=link, session=session)
    return link


def switch(*, link: Link) -> bool:
    """Make `link` the one that sends for its session: `moving.switch`, which raises Refused here."""
    try:
        return moving.switch(link)
    except moving.CantSwitch as why:
        raise Refused(LinkRefusal(why.reason)) from why


def accept_terms(*, session: WhatsAppSession, actor: User) -> None:
    """Who read WhatsApp's terms about automated use, and when; kept from the first time."""
    WhatsAppSession.objects.filter(pk=session.pk, terms_accepted_at__isnull=True).update(
        terms_accepted_at=Now(), terms_accepted_by=actor
    )
    session.refresh_from_db()


@transaction.atomic
def request_pairing(
    *,
    session: WhatsAppSession,
    actor: User,
    phone: str = "",
    credentials: str = "",
    link: Link | None = None,
) -> Pairing:
    """Ask for a code to link an account: the QR, or with `phone` (E.164) the 8 characters. Or try a key, where
    the link's kind is linked by one: its `credentials`. `link` is another one than the active.

    An open attempt of the same kind is joined, one of the other kind, or with another key, is ended first.
    Raises Refused before the terms are accepted, while the link is linked, and for the number of an account
    that it may not be linked to.
    """
    session = WhatsAppSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    link = Link.objects.get(pk=link.pk) if link else session.link
    if session.terms_accepted_at is None:
        raise Refused(LinkRefusal.TERMS_UNREAD)
    if not State(link.state).may_pair:
        raise Refused(LinkRefusal.LINKED_ALREADY)
    try:
        accounts.check(session, phone, link_id=link.pk)
    except accounts.OtherAccount as other:
        raise Refused(LinkRefusal(other.reason), **other.params) from other
    open_now = link.pairings.filter(status__in=OPEN_PAIRING).first()
    if open_now and open_now.phone == phone and not credentials:
        return open_now
    if open_now:
        end_pairing(open_now.pk, Pairing.Status.EXPIRED, Code.REPLACED)
    Link.objects.filter(pk=link.pk).update(credentials=credentials)
    pairing = Pairing.objects.create(link=link, phone=phone, requested_by=actor)
    set_state(link.pk, State.PAIRING)
    if registry.backend_of(link).pairs_in is RunsIn.VISIT:
        transaction.on_commit(lambda: enqueue_pairing(link.node))
    return pairing


def enqueue_pairing(home_on: str) -> None:
    """A ticket for the pairing cluster where the home is, or else on the node with most room."""
    queue.enqueue("blu.tasks.pair", cluster=queue.pairing_cluster(nodes.for_pairing(home_on)))


def is_open(pairing_id: int) -> bool:
    """Returns whether the attempt is still open."""
    return Pairing.objects.filter(pk=pairing_id, status__in=OPEN_PAIRING).exists()


def cancel_pairing(*, pairing: Pairing) -> None:
    """The person gave up: the attempt ends, and its browser closes by itself."""
    end_pairing(pairing.pk, Pairing.Status.EXPIRED, Code.GIVEN_UP)


def show_code(
    pairing_id: int, *, code: str, reason: str = "", params: Mapping[str, str] | None = None
) -> bool:
    """Put a fresh code on the pairing page; False when the attempt is no longer open."""
    pairing = Pairing(code=code)  # encrypts on the way
    return bool(
        Pairing.objects.filter(pk=pairing_id, status__in=OPEN_PAIRING).update(
            status=Pairing.Status.SHOWING if code else Pairing.Status.WAITING,
            code=pairing.code,
            reason=storable(reason),
            params=shortened(params or {}),
            shown_at=Now(),
        )
    )


def end_pairing(
    pairing_id: int,
    status: str,
    reason: str = "",
    *,
    params: Mapping[str, str] | None = None,
    state: State = State.UNLINKED,
) -> bool:
    """Close an open attempt and forget its code; False when it was closed already.

    Where nothing was linked the link is in `state` afterwards, and the key that was tried is forgotten.
    """
    ended = Pairing.objects.filter(pk=pairing_id, status__in=OPEN_PAIRING).update(
        status=status,
        code="",
        reason=storable(reason),
        params=shortened(params or {}),
        ended_at=Now(),
    )
    if ended and status != Pairing.Status.LINKED:
        link_id = Pairing.objects.values_list("link_id", flat=True).get(pk=pairing_id)
        Link.objects.filter(pk=link_id).update(credentials="")
        set_state(link_id, state, reason, params=params, only_from=(State.PAIRING,))
    return bool(ended)


@transaction.atomic
def linked(pairing: Pairing, *, token: LeaseToken, phone: str) -> None:
    """The account is linked: from now on the link is visited.

    accounts.OtherAccount where the session may not be linked to that account. One that WhatsApp restricted is so
    still, until the end that it told.
    """
    # Leases, session, link: as in `unlink` and `request_pairing`.
    session = leases.locked(token.session_id)
    set_state(pairing.link_id, State.RESTING, token=token)
    accounts.check(session, phone, link_id=pairing.link_id, is_held=True)
    if not end_pairing(pairing.pk, Pairing.Status.LINKED):
        raise LeaseLost
    # Its next list is another one's: what has no badge there is history.
    BrowserLook.objects.filter(link=pairing.link_id).delete()
    if phone and session.active_link_id == pairing.link_id:
        if differ(phone, session.phone):
            account_limits.forget(session.pk)
        WhatsAppSession.objects.filter(pk=session.pk).update(phone=phone)
    Link.objects.filter(pk=pairing.link_id).update(
        linked_at=Now(), proven_at=Now(), visited_at=None, retry_at=None, phone=phone,
        node=settings.NODE, home_fence=token.fence, is_leaving=False,
    )  # fmt: skip
    accounts.take_over_restriction(session, phone)
    if session.restriction == WhatsAppSession.Restriction.RESTRICTED:
        _restrict_again(session, pairing.link_id, token)


def _restrict_again(session: WhatsAppSession, link_id: int, token: LeaseToken) -> None:
    """Until the end that was told; where none was, it is looked at before anything goes."""
    now = runner_clock.now()
    end = session.restricted_until
    if end and end <= now:
        return
    told = SessionEvent.objects.filter(session=session, state=State.RESTRICTED).order_by("-id")
    reason = told.values_list("reason", flat=True).first() or Code.NO_MESSAGES
    params = {UNTIL: end.isoformat()} if end else {}
    set_state(link_id, State.RESTRICTED, reason, params=params, until=end or now, token=token)


@transaction.atomic
def refuse_account(pairing: Pairing, *, token: LeaseToken, why: accounts.OtherAccount) -> None:
    """An account was linked that the session may not have: the attempt failed, its home is never opened again."""
    WhatsAppSession.objects.filter(pk=token.session_id).update(fence=F("fence") + 1)
    fence = WhatsAppSession.objects.values_list("fence", flat=True).get(pk=token.session_id)
    end_pairing(pairing.pk, Pairing.Status.FAILED, why.reason, params=why.params)
    Link.objects.filter(pk=token.link_id).update(home_fence=fence)


@transaction.atomic
def unlink(*, session: WhatsAppSession, actor: User) -> None:
    """Forget the account, on all links: no more visits, and each home is removed as soon as nobody drives it."""
    # Whoever drives them now loses the right to, and stops at the next step.
    fences = leases.end_all(session.pk)
    session.moves.filter(ended_at=None).update(ended_at=Now())
    for link in session.links.select_for_update().order_by("pk"):
        if link.pk == session.active_link_id or link.state != State.UNLINKED:
            forget(link, fence=fences[link.pk], actor=actor)


def forget(link: Link, *, fence: int, actor: User | None) -> None:
    """Forget the account on one link, whose lease has ended under this fence; for use in a transaction.

    Without an actor its time was over (sessions.linking.moves).
    """
    end_attempts(link)
    leaves = link.is_leaving or (link.linked_at is not None and registry.backend_of(link).logs_out)
    reason, why = (Code.UNLINKED, {"person": str(actor)}) if actor else (Code.KEPT_ENDED, {})
    set_state(link.pk, State.UNLINKED, reason, params=why)
    Link.objects.filter(pk=link.pk).update(
        linked_at=None, proven_at=None, phone="", credentials="", node="", home_fence=fence,
        is_leaving=leaves, retry_at=None,
    )  # fmt: skip
    link.refresh_from_db()
    transaction.on_commit(lambda: homes.forget(link))


def end_attempts(link: Link) -> None:
    """Nobody waits any more to have it linked."""
    for pairing in link.pairings.filter(status__in=OPEN_PAIRING):
        end_pairing(pairing.pk, Pairing.Status.EXPIRED)


def keeps_badges(link: Link) -> bool:
    """False where opening a chat leaves it read on the phone: on this link, or on the last that knew of its kind."""
    if link.keeps_badges is not None:
        return link.keeps_badges
    known = Link.objects.filter(transport=link.transport, keeps_badges__isnull=False)
    last = known.order_by(F("visited_at").desc(nulls_last=True), "-pk")
    return last.values_list("keeps_badges", flat=True).first() is not False
