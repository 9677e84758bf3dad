"""One run a night and business: what is older than its periods is forgotten, in slices, each a transaction of its own.

It reaches the tables of campaigns by SQL, as an erasure does: what it forgets is a rule of contacts.
"""

import time
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from blu.accounts.models import Business
from blu.jobs import queue
from contacts.models import ImportProblem, Retention, RetentionRun

NIGHT = 3  # o'clock, from when on runs are made
ZONE = ZoneInfo("America/Sao_Paulo")
LOST = timedelta(minutes=10)  # after which a run that was not heard of is enqueued again
SLICE = 2_000  # rows of one transaction
SECONDS = 60.0  # after which a run makes room for other jobs, and goes on later
AT_ONCE = 200  # runs that one look makes
RUNS_KEPT = timedelta(days=400)
IN_DOUBT = timedelta(days=7)  # that a message to an erased person may still be proven

# Replies come in the order of their keys, so the next night goes on where the last one ended.
_WORDS = """
WITH next AS (
    SELECT id, at < statement_timestamp() - %(days)s * interval '1 day' AS is_old FROM campaigns_reply
     WHERE business_id = %(business)s AND id > %(after)s ORDER BY id LIMIT %(most)s),
old AS (SELECT id FROM next WHERE id < coalesce((SELECT min(id) FROM next WHERE NOT is_old), 9223372036854775807)),
gone AS (UPDATE campaigns_reply r SET text = '', earlier = '[]' FROM old
          WHERE r.id = old.id AND (r.text <> '' OR r.earlier <> '[]') RETURNING 1)
SELECT (SELECT max(id) FROM old), (SELECT count(*) FROM gone)
"""

# Campaigns that ended so long ago and still hold what was written to each person.
_CAMPAIGNS = """
SELECT id FROM campaigns_campaign
 WHERE business_id = %(business)s AND variables_forgotten_at IS NULL AND status IN ('done', 'cancelled')
   AND ended_at < statement_timestamp() - %(days)s * interval '1 day' ORDER BY id
"""
_VARIABLES = """
WITH next AS (
    SELECT id, contact_id FROM campaigns_delivery
     WHERE campaign_id = %(campaign)s AND contact_id > %(after)s AND variables <> '{}' ORDER BY contact_id LIMIT %(most)s),
gone AS (UPDATE campaigns_delivery d SET variables = '{}' FROM next
          WHERE d.id = next.id RETURNING 1)
SELECT (SELECT max(contact_id) FROM next), (SELECT count(*) FROM gone)
"""
_FORGOTTEN = (
    "UPDATE campaigns_campaign SET variables_forgotten_at = statement_timestamp() WHERE id = %s"
)

# What an erasure left because it was under way (campaigns.models.erased_people).
_IN_DOUBT = """
WITH late AS (
    SELECT d.id, d.session_id, forms_of_numbers(ARRAY[d.phone::text]) AS numbers FROM campaigns_delivery d
     WHERE d.session_id IN (SELECT id FROM wa_sessions_whatsappsession WHERE business_id = %(business)s)
       AND d.status IN ('sending', 'uncertain') AND d.contact_id IS NULL AND d.phone <> ''
       AND coalesce(d.ended_at, d.sending_at, d.queued_at) < statement_timestamp() - %(doubt)s),
known AS (
    DELETE FROM wa_sessions_chat chat USING late
     WHERE chat.session_id = late.session_id AND chat.phone <> '' AND chat.phone = ANY(late.numbers)
       AND NOT EXISTS (SELECT 1 FROM contacts_contact c
                        WHERE c.business_id = %(business)s AND c.phone = ANY(late.numbers)))
UPDATE campaigns_delivery d SET phone = '', variables = '{}' FROM late WHERE d.id = late.id
"""
# Texts to ourselves and codes, once the day is over by which they are counted.
_OF_NOTICES = "SELECT public.forget_words_of_notices(%(business)s, false)"
_COUNTED_CHATS = """
DELETE FROM wa_sessions_chat
 WHERE session_id IN (SELECT id FROM wa_sessions_whatsappsession WHERE business_id = %(business)s)
   AND phone = '' AND lid = 'erased-' || id AND opened_at < statement_timestamp() - interval '2 days'
"""


def enqueue_due() -> int:
    """Make tonight's runs, and enqueue anew those that got lost. Returns the number of tasks."""
    now = localtime(timezone=ZONE)
    if now.hour >= NIGHT:
        _make_runs(localdate(timezone=ZONE))
    lost = RetentionRun.objects.filter(ended_at=None, enqueued_at__lt=Now() - LOST)
    ids = list(lost.order_by("enqueued_at").values_list("pk", flat=True)[:AT_ONCE])
    RetentionRun.objects.filter(pk__in=ids).update(enqueued_at=Now())
    for pk in ids:
        queue.enqueue("blu.tasks.forget_old", pk)
    return len(ids)


def _make_runs(day: date) -> None:
    """They are enqueued by the same look, as if they had got lost."""
    without = Business.objects.exclude(retentionrun__day=day).order_by("pk")
    long_ago = timezone.now() - LOST - timedelta(seconds=1)
    RetentionRun.objects.bulk_create(
        [
            RetentionRun(business=business, day=day, enqueued_at=long_ago)
            for business in without[:AT_ONCE]
        ],
        ignore_conflicts=True,
    )
    RetentionRun.objects.filter(enqueued_at__lt=Now() - RUNS_KEPT).delete()


def run(run_id: int, *, seconds: float = SECONDS) -> bool:
    """Forget what is old of one business. Returns False where there was no time for all of it.

    It goes on in another task then; repeating it forgets nothing twice.
    """
    night = RetentionRun.objects.filter(pk=run_id, ended_at=None).first()
    if night is None:
        return True
    kept, _made = Retention.objects.get_or_create(business_id=night.business_id)
    ends = time.monotonic() + seconds
    _forget_what_was_erased(night)
    if not (_forget_words(night, kept, ends) and _forget_variables(night, kept, ends)):
        return _goes_on(night)
    if not _forget_rows(night, kept, ends):
        return _goes_on(night)
    RetentionRun.objects.filter(pk=run_id, ended_at=None).update(ended_at=Now())
    return True


def _goes_on(night: RetentionRun) -> bool:
    RetentionRun.objects.filter(pk=night.pk).update(enqueued_at=Now())
    queue.enqueue("blu.tasks.forget_old", night.pk)
    return False


def _forget_words(night: RetentionRun, kept: Retention, ends: float) -> bool:
    while True:
        with transaction.atomic():
            locked = Retention.objects.select_for_update().get(pk=kept.pk)
            until, gone = _slice(
                _WORDS,
                business=night.business_id,
                days=locked.replies_days,
                after=locked.replies_until,
            )
            if until is None:
                return True
            Retention.objects.filter(pk=kept.pk).update(replies_until=until)
            _count(night, replies=gone)
        if time.monotonic() >= ends:
            return False


def _forget_variables(night: RetentionRun, kept: Retention, ends: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_CAMPAIGNS, {"business": night.business_id, "days": kept.variables_days})
        campaigns = [pk for (pk,) in cursor.fetchall()]
    for campaign in campaigns:
        after: int | None = 0
        while after is not None:
            with transaction.atomic():
                after, gone = _slice(_VARIABLES, campaign=campaign, after=after)
                _count(night, deliveries=gone)
            if after is not None and time.monotonic() >= ends:
                return False
        with connection.cursor() as cursor:
            cursor.execute(_FORGOTTEN, [campaign])
    return True


def _forget_rows(night: RetentionRun, kept: Retention, ends: float) -> bool:
    period = timedelta(days=kept.import_rows_days)
    old = ImportProblem.objects.filter(
        source__business=night.business_id, source__finished_at__lt=Now() - period
    )
    while True:
        ids = list(old.values_list("pk", flat=True)[:SLICE])
        if not ids:
            return True
        with transaction.atomic():
            gone, _by_model = ImportProblem.objects.filter(pk__in=ids).delete()
            _count(night, import_rows=gone)
        if time.monotonic() >= ends:
            return False


def _forget_what_was_erased(night: RetentionRun) -> None:
    values: dict[str, Any] = {"business": night.business_id, "doubt": IN_DOUBT}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_IN_DOUBT, values)
        gone = cursor.rowcount
        cursor.execute(_COUNTED_CHATS, values)
        _count(night, erased=gone + cursor.rowcount)
        cursor.execute(_OF_NOTICES, values)


def _slice(sql: str, **values: int) -> tuple[int | None, int]:
    """How far a statement came, and how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"most": SLICE})
        until, gone = cursor.fetchone()
    return until, gone


def _count(night: RetentionRun, **gone: int) -> None:
    added = {name: F(name) + number for name, number in gone.items() if number}
    if added:
        RetentionRun.objects.filter(pk=night.pk).update(**added)


def periods_of(business: Business) -> Retention:
    """What a business keeps for how long."""
    return Retention.objects.filter(business=business).first() or Retention(business=business)
