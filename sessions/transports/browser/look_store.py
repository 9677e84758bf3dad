"""The looks of browser links in the database (see `sessions.transports.browser.chat_looks`).

Not fenced: a look says that everything up to it is in the ledger, and that is true whoever kept it. They say
whom a business writes with, so names and words are kept as keyed digests, and no longer than needed.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from blu.db.retry import retry_while_away
from sessions.models import BrowserLook
from sessions.transports.browser.chat_looks import BASELINE, Look, StoredLooks

MOST = 5_000  # titles of a link: more than a list that is read whole can have
UNSEEN = timedelta(days=30)

_KEEP = """
INSERT INTO wa_sessions_browserlook (link_id, title_hash, looks, seen_at)
SELECT %(link)s, given.title, given.looks::jsonb, statement_timestamp()
  FROM unnest(%(titles)s::text[], %(looks)s::text[]) given (title, looks)
    ON CONFLICT (link_id, title_hash) DO UPDATE SET looks = EXCLUDED.looks, seen_at = EXCLUDED.seen_at
"""

# A write a day and title, however often the list is read.
_SEEN = """
UPDATE wa_sessions_browserlook SET seen_at = statement_timestamp()
 WHERE link_id = %(link)s AND title_hash = ANY(%(titles)s)
   AND seen_at < statement_timestamp() - interval '1 day'
"""

_BEYOND = """
DELETE FROM wa_sessions_browserlook
 WHERE link_id = %(link)s AND title_hash IN (
       SELECT title_hash FROM wa_sessions_browserlook WHERE link_id = %(link)s AND title_hash <> ''
        ORDER BY seen_at DESC OFFSET %(most)s)
"""


class LinkLooks:
    """The looks of one link; waits out a database that is away, as the outbox does."""

    def __init__(self, link_id: int) -> None:
        self._link_id = link_id
        self.key = hmac.digest(
            settings.SECRET_KEY.encode(), f"looks {link_id}".encode(), hashlib.sha256
        )

    def load(self) -> StoredLooks:
        """All looks of the link."""
        rows = BrowserLook.objects.filter(link=self._link_id)
        return retry_while_away(
            lambda: {
                title: tuple(_look(values) for values in looks)
                for title, looks in rows.values_list("title_hash", "looks")
            }
        )

    def keep(self, looks: StoredLooks) -> None:
        """Put these in the place of what there was of the same titles, in one statement."""
        values = {
            "link": self._link_id,
            "titles": list(looks),
            "looks": [_json(some) for some in looks.values()],
        }
        retry_while_away(lambda: _execute(_KEEP, values))

    def seen(self, titles: Iterable[str]) -> None:
        """Note that these titles, and the baseline, are still needed; drop what is beyond the bound."""
        values = {"link": self._link_id, "titles": [BASELINE, *titles], "most": MOST}
        retry_while_away(lambda: _execute(_SEEN, values))
        retry_while_away(lambda: _execute(_BEYOND, values))


def sweep() -> int:
    """Delete the looks of chats that no list showed for a month, and of links without an account.

    Returns the number of rows deleted. The baseline of a link that stands stays.
    """
    unseen = BrowserLook.objects.filter(seen_at__lt=Now() - UNSEEN).exclude(title_hash=BASELINE)
    unlinked = BrowserLook.objects.filter(link__linked_at=None)
    return unseen.delete()[0] + unlinked.delete()[0]


def _execute(sql: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _json(looks: Iterable[Look]) -> str:
    plain = [asdict(look) | {"taken_at": look.taken_at.isoformat()} for look in looks]
    return json.dumps(plain)


def _look(values: dict[str, Any]) -> Look:
    return Look(**values | {"taken_at": datetime.fromisoformat(values["taken_at"])})
