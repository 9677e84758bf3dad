"""The owner is warned: of a session that is away while messages wait, and of one about to be logged out.

`look` is called each round by `manage.py watch`, and lets the circuit breaker pause what a time-lock
concerns. An incident is a row of SessionAlert: the database
keeps it single, one e-mail goes out for it, and it ends by itself. `now` is given by tests only.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from blu.accounts.models import Membership, Role
from blu.lib import clock, dates, names, queue
from campaigns import breaker, trouble
from campaigns.models import Delivery, Notice, SessionAlert
from campaigns.transitions import Status
from campaigns.trouble import Trouble
from sessions.models import SessionEvent, WhatsAppSession
from sessions.states import AWAY, LINKED, State

AWAY_FOR = timedelta(minutes=10)
# WhatsApp unlinks the other devices of a phone that was not used for 14 days (docs/decisions/0015).
LOGOUT_AFTER = timedelta(days=14)
WARN_BEFORE = timedelta(days=3)
RING_AGAIN = timedelta(minutes=5)
NEVER = Value(datetime(2000, 1, 1, tzinfo=UTC))


def look(*, now: datetime | None = None) -> int:
    """Open and end incidents, and ring for the e-mails that are due; how many were rung for."""
    now = now or clock.now()
    breaker.look_at_locks()
    for kind, found in (
        (SessionAlert.Kind.AWAY, away(now=now)),
        (SessionAlert.Kind.IDLE, idle(now=now)),
    ):
        is_open = SessionAlert.objects.filter(kind=kind, ended_at__isnull=True)
        # Whoever is linking at this moment has not been helped yet, nor is told anything new.
        over = is_open.exclude(session_id__in=found).exclude(
            session__active_link__state=State.PAIRING
        )
        over.update(ended_at=now)
        new = [
            SessionAlert(session_id=session, kind=kind, since=since, opened_at=now)
            for session, since in found.items()
        ]
        SessionAlert.objects.bulk_create(new, ignore_conflicts=True)
    return _ring(now)


def away(*, now: datetime) -> dict[int, datetime]:
    """Sessions with queued work that don't answer for AWAY_FOR, and since when.

    An account that its owner began to link anew and gave up is away as well. A link that comes and
    goes has not come back before it sent something, or ended a visit in peace.
    """
    since = {
        pk: left or proven or created
        for pk, state, proven, left, created in _unwell()
        if left or state != State.ONLINE or (proven and proven < now - AWAY_FOR)
    }
    return {pk: moment for pk, moment in since.items() if moment <= now - AWAY_FOR and has_work(pk)}


def _unwell() -> Iterable[Any]:
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
        last_rest=Coalesce(
            Subquery(events.filter(state=State.RESTING).order_by("-id").values("id")[:1]), Value(0)
        ),
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
    running = breaker.running_or_locked(session_id)
    queued = Delivery.objects.filter(session_id=session_id, status=Status.QUEUED)
    return any(
        queued.filter(campaign_id=pk).exists() for pk in running.values_list("pk", flat=True)
    )


def idle(*, now: datetime) -> dict[int, datetime]:
    """Linked sessions whose phone gave no sign for so long that the logout may be near, and since when.

    A link that still answers 14 days after the last sign proves that the phone was used since, but not
    when: from then on nothing is known until the next sign, and nobody is bothered.
    """
    quiet = (
        WhatsAppSession.objects.filter(
            active_link__state__in=LINKED, active_link__linked_at__isnull=False
        )
        .annotate(seen=Greatest("active_link__linked_at", "phone_seen_at"))
        .annotate(
            quiet_since=Case(
                When(
                    active_link__proven_at__gte=F("seen") + LOGOUT_AFTER,
                    then="active_link__proven_at",
                ),
                default="seen",
            )
        )
        .filter(quiet_since__lt=now - (LOGOUT_AFTER - WARN_BEFORE))
    )
    return dict(quiet.values_list("pk", "quiet_since"))


def open_ones(sessions: Iterable[int]) -> list[SessionAlert]:
    """The incidents of some sessions that are not over, the oldest first."""
    found = SessionAlert.objects.filter(session_id__in=list(sessions), ended_at__isnull=True)
    return list(found.select_related("session__business").order_by("since", "pk"))


def told(alert: SessionAlert) -> Trouble:
    """The incident in words, for a page or an e-mail."""
    session = alert.session
    if alert.kind == SessionAlert.Kind.AWAY:
        return trouble.of(session) or _back(alert)
    return Trouble(
        _("“%(name)s” pode estar perto de ser desconectado") % {"name": session.name},
        _(
            "Não vimos o celular usar o WhatsApp desde %(since)s, e nem sempre o blü consegue ver. "
            "Depois de 14 dias sem uso, o WhatsApp desconecta os outros aparelhos: pode ser %(day)s."
        )
        % {"since": dates.at(alert.since), "day": dates.day(alert.since + LOGOUT_AFTER)},
        _(
            "Se o celular está em uso, está tudo bem. Se não, ligue-o, com internet, e abra o "
            "WhatsApp nele uma vez."
        ),
    )


def _back(alert: SessionAlert) -> Trouble:
    """The link is there: for good, or again without having sent anything."""
    if alert.ended_at is not None:
        return Trouble(
            _("“%(name)s” voltou") % {"name": alert.session.name},
            _("Está tudo certo de novo."),
            "",
        )
    return Trouble(
        _("“%(name)s” voltou, mas ainda não enviou nada") % {"name": alert.session.name},
        _("Nada sai desde %(since)s: a conexão cai e volta, ou acaba de voltar.")
        % {"since": dates.at(alert.since)},
        _("Se ela cair de novo, veja se o celular está ligado e com internet."),
    )


def _ring(now: datetime) -> int:
    """A task that got lost is rung for again."""
    due = SessionAlert.objects.filter(
        Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN),
        mailed_at__isnull=True,
        ended_at__isnull=True,
    )
    ids = list(due.values_list("pk", flat=True))
    SessionAlert.objects.filter(pk__in=ids).update(rung_at=now)
    for pk in ids:
        queue.enqueue("blu.tasks.mail_alert", pk)
    return len(ids)


def mail(alert_id: int, *, now: datetime | None = None) -> bool:
    """Write to the owners, once for each incident; False where that was done, or it is over.

    Raises what the mail server says; the next round asks again.
    """
    unsent = SessionAlert.objects.filter(pk=alert_id, mailed_at__isnull=True, ended_at__isnull=True)
    if not unsent.update(mailed_at=now or clock.now()):
        return False
    alert = SessionAlert.objects.select_related("session__business").get(pk=alert_id)
    try:
        _send(alert)
    except (OSError, SMTPException):
        SessionAlert.objects.filter(pk=alert_id).update(mailed_at=None)
        raise
    return True


def _send(alert: SessionAlert) -> None:
    session = alert.session
    owners = Membership.objects.filter(
        business=session.business, role=Role.OWNER, user__is_active=True
    )
    to = list(owners.values_list("user__email", flat=True))
    with timezone.override(session.business.zone), translation.override(settings.LANGUAGE_CODE):
        words = told(alert)
        context = {
            "words": words,
            "business": session.business,
            "kept": trouble.kept_words(trouble.waiting(session.pk)),
            "url": settings.PUBLIC_URL + reverse("session_detail", args=[session.pk]),
        }
        body = render_to_string("campaigns/email/session_alert.txt", context)
    send_mail(names.unlinked(f"[blü] {words.title}"), body, None, to)
