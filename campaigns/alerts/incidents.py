"""Opens and ends the incidents of sessions: away while messages wait, or the phone is to be opened.

`update` is called each round by `manage.py watch`, and lets the circuit breaker pause what a time-lock
concerns. An incident is a row of SessionAlert: the database keeps it single, one e-mail goes out for it
(campaigns.alerts.emails), and it ends by itself. `now` is given by tests only.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils.translation import gettext as _

from blu.jobs import queue
from blu.web import dates
from campaigns.alerts import session_problems
from campaigns.alerts.session_problems import SessionProblem
from campaigns.limits import circuit_breaker
from campaigns.models import Delivery, Notice, SessionAlert
from campaigns.models.ledger_states import Status
from sessions.driving import runner_clock
from sessions.models import SessionEvent, WhatsAppSession
from sessions.registry import RunsIn, kinds_in
from sessions.states import AWAY, LINKED, State

AWAY_FOR = timedelta(minutes=10)
STEADY_FOR = timedelta(minutes=1)
# WhatsApp unlinks the other devices of a phone that was not used for 14 days (docs/decisions/0035).
ASK_EVERY = timedelta(days=11)
ENQUEUE_AGAIN = timedelta(minutes=5)
NEVER = Value(datetime(2000, 1, 1, tzinfo=UTC))


def update(*, now: datetime | None = None) -> int:
    """Open and end incidents, and enqueue the e-mails that are due. Returns the number of e-mails."""
    now = now or runner_clock.now()
    circuit_breaker.pause_restricted()
    for kind, found in (
        (SessionAlert.Kind.AWAY, away(now=now)),
        (SessionAlert.Kind.PHONE, unconfirmed(now=now)),
    ):
        is_open = SessionAlert.objects.filter(kind=kind, ended_at__isnull=True)
        # An incident stays open while its owner is linking: it may fail.
        over = is_open.exclude(session_id__in=found).exclude(
            session__active_link__state=State.PAIRING
        )
        over.update(ended_at=now)
        new = [
            SessionAlert(session_id=session, kind=kind, since=since, opened_at=now)
            for session, since in found.items()
        ]
        SessionAlert.objects.bulk_create(new, ignore_conflicts=True)
    return _enqueue_mails(now)


def away(*, now: datetime) -> dict[int, datetime]:
    """Sessions with queued work that don't answer for AWAY_FOR, and since when.

    An account that its owner began to link anew and gave up is away as well. A link that comes and
    goes has not come back before it sent something, ended a visit in peace, or, where a host keeps it
    open, was online for STEADY_FOR.
    """
    since = {
        pk: left or proven or created
        for pk, state, proven, left, created in _unwell(now)
        if left or state != State.ONLINE or (proven and proven < now - AWAY_FOR)
    }
    return {pk: moment for pk, moment in since.items() if moment <= now - AWAY_FOR and has_work(pk)}


def _came_back(events: QuerySet[SessionEvent], now: datetime) -> QuerySet[SessionEvent]:
    """The events after which a link was well: it rested, or a host had it open for a while."""
    fell = SessionEvent.objects.filter(
        link=OuterRef("link"), state__in=AWAY, id__gt=OuterRef("id"),
        at__lt=OuterRef("at") + STEADY_FOR,
    )  # fmt: skip
    steady = Q(
        ~Exists(fell), state=State.ONLINE, at__lte=now - STEADY_FOR,
        link__transport__in=kinds_in(RunsIn.HOST),
    )  # fmt: skip
    return events.filter(Q(state=State.RESTING) | steady).order_by("-id")


def _unwell(now: datetime) -> Iterable[Any]:
    """Sessions that may be away, each with its state, when it was proven, when it left, and when it was made."""
    events = SessionEvent.objects.filter(link=OuterRef("active_link"))
    sent = Delivery.objects.filter(session_id=OuterRef("pk"), sent_at__isnull=False)
    left = events.filter(
        state__in=AWAY, id__gt=OuterRef("last_rest"), at__gt=OuterRef("last_sent")
    ).order_by("id")
    given_up = Q(active_link__state=State.UNLINKED, active_link__linked_at__isnull=False)
    sessions = WhatsAppSession.objects.filter(
        Q(active_link__state__in=(*AWAY, State.ONLINE)) | given_up
    ).annotate(
        last_rest=Coalesce(Subquery(_came_back(events, now).values("id")[:1]), Value(0)),
        last_sent=Coalesce(Subquery(sent.order_by("-sent_at").values("sent_at")[:1]), NEVER),
        away_since=Subquery(left.values("at")[:1]),
    )
    return sessions.values_list(
        "pk", "active_link__state", "active_link__proven_at", "away_since", "created_at"
    )


def has_work(session_id: int) -> bool:
    """Something waits in a session's queue, of a campaign that runs or that a time-lock paused.

    Asked campaign by campaign: joined, PostgreSQL would rather read a million queued rows.
    """
    if Notice.objects.filter(session_id=session_id, status=Status.QUEUED).exists():
        return True
    running = circuit_breaker.running_or_locked(session_id)
    queued = Delivery.objects.filter(session_id=session_id, status=Status.QUEUED)
    return any(
        queued.filter(campaign_id=pk).exists() for pk in running.values_list("pk", flat=True)
    )


def unconfirmed(*, now: datetime) -> dict[int, datetime]:
    """Linked sessions whose owner is to open WhatsApp on the phone, and when the phone was last known in use.

    Known are the moment of the link and what the owner said; a question that was ended is an answer, or
    is older than the link that came after it.
    """
    answers = SessionAlert.objects.filter(
        session=OuterRef("pk"), kind=SessionAlert.Kind.PHONE, ended_at__isnull=False
    )
    known = Subquery(answers.order_by("-id").values("ended_at")[:1])
    linked = WhatsAppSession.objects.filter(
        active_link__state__in=LINKED, active_link__linked_at__isnull=False
    )
    due = linked.annotate(known=Greatest("active_link__linked_at", known)).filter(
        known__lt=now - ASK_EVERY
    )
    return dict(due.values_list("pk", "known"))


def phone_opened(session: WhatsAppSession) -> None:
    """The owner opened WhatsApp on the account's phone; the next question is ASK_EVERY away."""
    question = session.alerts.filter(kind=SessionAlert.Kind.PHONE, ended_at__isnull=True)
    question.update(ended_at=Now())


def open_ones(sessions: Iterable[int]) -> list[SessionAlert]:
    """The incidents of some sessions that are not over, the oldest first."""
    found = SessionAlert.objects.filter(session_id__in=list(sessions), ended_at__isnull=True)
    return list(found.select_related("session__business").order_by("since", "pk"))


def in_words(alert: SessionAlert) -> SessionProblem:
    """The incident in words, for a page or an e-mail."""
    session = alert.session
    if alert.kind == SessionAlert.Kind.AWAY:
        return session_problems.problem_of(session) or _back(alert)
    return SessionProblem(
        _("Abra o WhatsApp no celular de “%(name)s”") % {"name": session.name},
        _(
            "Se ninguém abrir o WhatsApp no celular por 14 dias, o WhatsApp desconecta o blü. "
            "O blü não vê o celular; por isso pergunta a cada 11 dias."
        ),
        _("Abra o WhatsApp no celular e depois toque em “Abri agora”."),
    )


def _back(alert: SessionAlert) -> SessionProblem:
    """The words for an incident whose link is back, sending again or not yet."""
    if alert.ended_at is not None:
        return SessionProblem(
            _("“%(name)s” voltou") % {"name": alert.session.name},
            _("Está tudo certo de novo."),
            "",
        )
    return SessionProblem(
        _("“%(name)s” voltou, mas ainda não enviou nada") % {"name": alert.session.name},
        _("Nada sai desde %(since)s: a conexão cai e volta, ou acaba de voltar.")
        % {"since": dates.at(alert.since)},
        _("Se ela cair de novo, veja se o celular está ligado e com internet."),
    )


def _enqueue_mails(now: datetime) -> int:
    """Enqueue the e-mails that are due, again where a task got lost. Returns the number enqueued."""
    due = SessionAlert.objects.filter(
        Q(enqueued_at__isnull=True) | Q(enqueued_at__lt=now - ENQUEUE_AGAIN),
        mailed_at__isnull=True,
        ended_at__isnull=True,
    )
    ids = list(due.values_list("pk", flat=True))
    SessionAlert.objects.filter(pk__in=ids).update(enqueued_at=now)
    for pk in ids:
        queue.enqueue("blu.tasks.mail_alert", pk)
    return len(ids)
