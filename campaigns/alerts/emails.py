"""The e-mail to a session's owners: it can't send, or WhatsApp is to be opened on its phone."""

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from blu.accounts.models import Role, User
from blu.web import names
from campaigns.alerts import incidents, session_problems
from campaigns.models import SessionAlert
from sessions.driving import runner_clock

_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('alert:' || %s, 0))"


@transaction.atomic
def mail_owners(alert_id: int, *, now: datetime | None = None) -> bool:
    """E-mail the owners, once for each incident. Returns False where that was done before, or it is over.

    Raises the mail server's error; the next round enqueues it again, as where this process dies before the mail
    server has them. No row is locked meanwhile: watch ends incidents.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [alert_id])
        if not cursor.fetchone()[0]:
            return False
    unsent = SessionAlert.objects.filter(pk=alert_id, mailed_at__isnull=True, ended_at__isnull=True)
    alert = unsent.select_related("session__business").first()
    if alert is None:
        return False
    _send(alert)
    SessionAlert.objects.filter(pk=alert_id).update(mailed_at=now or runner_clock.now())
    return True


def _send(alert: SessionAlert) -> None:
    """One mail a language, all over one connection."""
    owners = User.objects.filter(
        memberships__business=alert.session.business, memberships__role=Role.OWNER, is_active=True
    )
    readers = defaultdict[str, list[str]](list)
    for language, email in owners.order_by("pk").values_list("language", "email"):
        readers[language].append(email)
    mails = [_mail(alert, language, to) for language, to in readers.items()]
    get_connection().send_messages(mails)


def _mail(alert: SessionAlert, language: str, to: list[str]) -> EmailMessage:
    session = alert.session
    with timezone.override(session.business.zone), translation.override(language):
        words = incidents.in_words(alert)
        away = alert.kind == SessionAlert.Kind.AWAY
        context = {
            "words": words,
            "business": session.business,
            "kept": session_problems.waiting_in_words(session_problems.waiting(session.pk))
            if away
            else "",
            "url": settings.PUBLIC_URL + session.business.address("session_detail", session.pk),
        }
        body = render_to_string("campaigns/alerts/email/session_alert.txt", context)
    return EmailMessage(names.unlinked(f"[blü] {words.title}"), body, None, to)
