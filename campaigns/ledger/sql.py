"""The outbox's SQL, one statement a step. The plans matter: see docs/decisions on the claim.

`{table}` is campaigns_delivery or campaigns_notice, never anything from outside.
"""

from campaigns.models.hold_rules import NEVER
from campaigns.models.notice_rules import allowed
from sessions.driving.leases import HELD_ON_ANY_LINK_SQL, HELD_SQL, HOLDS_SQL, LOCK_SQL, NEWEST_SQL

HELD = f"SELECT * FROM ({HELD_SQL}) held"
HELD_ON_ANY_LINK = f"SELECT * FROM ({HELD_ON_ANY_LINK_SQL}) held"

# Without proof only the holder settles; an expired lease that nobody took is still the holder's.
_CURRENT = f" AND EXISTS ({NEWEST_SQL})"

# As blu.text.phone.area_code_of: a foreign number has none.
_AREA_CODE = "CASE WHEN d.phone LIKE '+55%%' THEN substr(d.phone, 4, 2) ELSE '' END"

# A person without a number has a chat as well: without the second half no index of numbers serves.
_CHAT_OF = "chat.phone = {row}.phone AND chat.phone <> ''"
_KEYS = "ARRAY[chat.wa_id, chat.lid, chat.username]"

# WhatsApp said within so many days that it doesn't know the number, and nobody has written from it: it is not asked again.
ABSENT_FOR = 7
_IS_ABSENT = f"""chat.wa_id = '' AND chat.lid = '' AND chat.username = '' AND chat.warm_at IS NULL
           AND coalesce(chat.looked_up_at, '-infinity') > statement_timestamp() - interval '{ABSENT_FOR} days'"""

# A claim that a crash of the database forgets has only to be made again: nothing of it was on the wire. So it doesn't
# wait for the disk; the press does, and takes the claim along, since a later commit is never kept without an earlier
# one. Local to the statement's transaction (docs/decisions/0003).
_NEED_NOT_REACH_THE_DISK = "SELECT set_config('synchronous_commit', 'off', true)"

# To whom a stop stands the trigger `consent_now` makes of the claim a row that is skipped.
# The lease row is locked (LOCK_SQL), so that a new holder waits for a claim in flight and sees it.
# The campaign is a scalar sub-select: a constant to the planner, which then walks the partial index
# delivery_claim in its order and stops at the first row, as it does where it asks which campaign has one (0.4 ms behind a paused campaign of millions).
CLAIM_DELIVERY = f"""
WITH held AS MATERIALIZED ({HELD_SQL}),
quick AS MATERIALIZED ({_NEED_NOT_REACH_THE_DISK}),
campaign AS MATERIALIZED (
    SELECT c.id, c.topic_id, c.body, c.footer FROM campaigns_campaign c, held, quick
     WHERE c.session_id = %(session)s AND c.status = 'running'
       AND (SELECT 1 FROM campaigns_delivery d
             WHERE d.campaign_id = c.id AND d.session_id = %(session)s
               AND d.status = 'queued' AND d.not_before <= statement_timestamp()
               AND (d.warm OR NOT %(warm_only)s)
               AND {_AREA_CODE} <> ALL(%(closed)s::text[])
             ORDER BY d.warm DESC, d.not_before, d.id LIMIT 1) IS NOT NULL
     ORDER BY c.id <= %(last)s, c.id LIMIT 1),
picked AS MATERIALIZED (
    SELECT d.id, d.contact_id FROM campaigns_delivery d
     WHERE d.campaign_id = (SELECT id FROM campaign) AND d.session_id = %(session)s
       AND d.status = 'queued' AND d.not_before <= statement_timestamp()
       AND (d.warm OR NOT %(warm_only)s)
       AND {_AREA_CODE} <> ALL(%(closed)s::text[])
     ORDER BY d.warm DESC, d.not_before, d.id
     LIMIT 1 FOR UPDATE SKIP LOCKED),
consent AS MATERIALIZED (
    SELECT s.id FROM contacts_subscription s
     WHERE s.contact_id = (SELECT contact_id FROM picked)
       AND s.topic_id = (SELECT topic_id FROM campaign) AND s.state = 'granted'
       FOR SHARE)
UPDATE campaigns_delivery d
   SET status = CASE WHEN EXISTS (SELECT 1 FROM consent) THEN 'sending' ELSE 'skipped' END,
       reason = CASE WHEN EXISTS (SELECT 1 FROM consent) THEN '' ELSE 'no_consent' END,
       sending_at = CASE WHEN EXISTS (SELECT 1 FROM consent) THEN statement_timestamp() END,
       ended_at = CASE WHEN EXISTS (SELECT 1 FROM consent) THEN NULL ELSE statement_timestamp() END,
       fence = %(fence)s, attempts = d.attempts + 1, pressed_at = NULL
  FROM picked, campaign
 WHERE d.id = picked.id AND d.status = 'queued'
RETURNING d.id, d.status, d.reason, d.phone, d.variables, d.sending_at, d.campaign_id, d.contact_id, campaign.body, campaign.footer,
       (SELECT {_KEYS} || CASE WHEN {_IS_ABSENT} THEN 'absent' ELSE '' END FROM wa_sessions_chat chat
         WHERE chat.session_id = %(session)s AND {_CHAT_OF.format(row="d")}) AS chat
"""

# The lease is locked, which is a write, only where a notice waits. What may not go any more is skipped;
# what would open a new chat beyond the quota waits until there is one again.
CLAIM_NOTICE = f"""
WITH held AS MATERIALIZED (
{HOLDS_SQL}
       AND EXISTS (SELECT 1 FROM campaigns_notice n
                    WHERE n.session_id = %(session)s AND n.status = 'queued'
                      AND n.not_before <= statement_timestamp())
       {LOCK_SQL}),
picked AS MATERIALIZED (
    SELECT n.id FROM campaigns_notice n, held
     WHERE n.session_id = %(session)s AND n.status = 'queued' AND n.not_before <= statement_timestamp()
     ORDER BY n.not_before, n.id LIMIT 1 FOR UPDATE OF n SKIP LOCKED),
judged AS MATERIALIZED (
    SELECT n.id, CASE WHEN chat.id IS NOT NULL THEN {_KEYS} END AS chat,
           CASE WHEN NOT {allowed("n")} THEN 'skipped'
                WHEN n.kind = ANY(%(under_quota)s::text[]) AND %(used_up)s
                     AND chat.warm_at IS NULL AND chat.opened_at IS NULL THEN 'queued'
                ELSE 'sending' END AS status
      FROM picked JOIN campaigns_notice n ON n.id = picked.id
      LEFT JOIN wa_sessions_chat chat ON chat.session_id = n.session_id AND {_CHAT_OF.format(row="n")})
UPDATE campaigns_notice n
   SET status = judged.status,
       reason = CASE judged.status WHEN 'skipped' THEN 'unasked' ELSE '' END,
       not_before = CASE judged.status WHEN 'queued' THEN %(again)s::timestamptz ELSE n.not_before END,
       sending_at = CASE judged.status WHEN 'sending' THEN statement_timestamp() END,
       ended_at = CASE judged.status WHEN 'skipped' THEN statement_timestamp() END,
       fence = %(fence)s, attempts = n.attempts + (judged.status = 'sending')::int, pressed_at = NULL
  FROM judged WHERE n.id = judged.id AND n.status = 'queued'
RETURNING n.id, n.status, n.phone, n.text, judged.chat
"""

# The id is kept where it is known before the wire: a receipt proves the row even if its driver dies there.
# From here on it may be on the wire, so it counts for the pacing, whatever becomes of it: the interval
# runs from the session's last press, and the chat is one that we opened, where the person had not
# written first.
PRESS = f"""
WITH held AS MATERIALIZED ({HELD_SQL}),
pressed AS (
    UPDATE {{table}} row SET pressed_at = statement_timestamp(), message_id = %(message_id)s FROM held
     WHERE row.id = %(id)s AND row.fence = %(fence)s AND row.status = 'sending'
       AND row.session_id = %(session)s
 RETURNING row.phone),
opened AS (
    UPDATE wa_sessions_chat chat SET opened_at = statement_timestamp() FROM pressed
     WHERE chat.session_id = %(session)s AND {_CHAT_OF.format(row="pressed")}
       AND chat.opened_at IS NULL AND chat.warm_at IS NULL),
stamped AS (
    UPDATE wa_sessions_whatsappsession session SET last_sent_at = statement_timestamp() FROM pressed
     WHERE session.id = %(session)s)
SELECT 1 FROM pressed
"""

SETTLE_SENT = """
UPDATE {table} row
   SET status = %(tick)s::text, message_id = %(message_id)s, reason = '',
       sent_at = %(at)s::timestamptz, ended_at = NULL,
       delivered_at = CASE WHEN %(tick)s::text <> 'sent' THEN %(at)s::timestamptz END,
       read_at = CASE WHEN %(tick)s::text = 'read' THEN %(at)s::timestamptz END
 WHERE row.id = %(id)s AND row.fence = %(fence)s AND row.session_id = %(session)s
   AND row.status IN ('sending', 'uncertain')
"""

# The id, where one was seen, lets a later receipt prove what is in doubt now.
SETTLE_IN_DOUBT = f"""
UPDATE {{table}} SET status = 'uncertain', reason = %(reason)s, ended_at = statement_timestamp(),
       message_id = coalesce(nullif(%(message_id)s::text, ''), message_id)
 WHERE id = %(id)s AND fence = %(fence)s AND session_id = %(session)s AND status = 'sending'{_CURRENT}"""

# What was tried and did not go out takes the interval too: its number was asked for, and the next one's would be asked
# for at once. A list full of numbers that WhatsApp doesn't know is gone through as slowly as any other.
_TRIED = """
WITH settled AS ({settlement}
 RETURNING 1),
stamped AS (
    UPDATE wa_sessions_whatsappsession session SET last_tried_at = statement_timestamp() FROM settled
     WHERE session.id = %(session)s)
SELECT 1 FROM settled
"""

_FAILED = f"""
UPDATE {{table}} SET status = 'failed', reason = %(reason)s, pressed_at = NULL, message_id = '', ended_at = statement_timestamp()
 WHERE id = %(id)s AND fence = %(fence)s AND session_id = %(session)s AND status = 'sending'{_CURRENT}"""
SETTLE_FAILED = _TRIED.format(settlement=_FAILED)

# Waits 10 s, 20 s, 40 s … an hour at the most, so that one bad number doesn't hold up the rest.
_LATER = "least(interval '1 hour', interval '10 s' * 2 ^ least(attempts - 1, 10))"
_RETRY = f"""
UPDATE {{table}}
   SET status = 'queued', reason = 'retry', pressed_at = NULL, message_id = '', sending_at = NULL,
       not_before = statement_timestamp() + {_LATER}
 WHERE id = %(id)s AND fence = %(fence)s AND session_id = %(session)s AND status = 'sending'{_CURRENT}"""
SETTLE_RETRY = _TRIED.format(settlement=_RETRY)

# Another person's message was claimed and ticked since the last try: the page was fine. Claimed by the database's
# clock; the stamp of the tick only bounds the search (indexes delivery_sent, notice_sent).
_OTHERS_WENT = """EXISTS (
           SELECT 1 FROM {other} other
            WHERE other.session_id = row.session_id AND other.phone <> row.phone
              AND other.sent_at > row.text_tried_at - interval '1 hour'
              AND other.sending_at > row.text_tried_at AND other.status IN ('sent', 'delivered', 'read'))"""

# A row fails for its text only when the page was fine: so many tries, and between each two of them another
# person's message went. Until then it waits, as any other.
TEXT_TRIES = 3
_TEXT = f"""
WITH tried AS MATERIALIZED (
    SELECT row.text_tries + CASE WHEN row.text_tried_at IS NULL
             OR {_OTHERS_WENT.format(other="campaigns_delivery")}
             OR {_OTHERS_WENT.format(other="campaigns_notice")} THEN 1 ELSE 0 END AS times
      FROM {{table}} row WHERE row.id = %(id)s)
UPDATE {{table}} row
   SET status = CASE WHEN tried.times < {TEXT_TRIES} THEN 'queued' ELSE 'failed' END,
       reason = CASE WHEN tried.times < {TEXT_TRIES} THEN 'retry' ELSE 'text' END,
       pressed_at = NULL, message_id = '', text_tries = tried.times, text_tried_at = statement_timestamp(),
       sending_at = CASE WHEN tried.times < {TEXT_TRIES} THEN NULL ELSE row.sending_at END,
       ended_at = CASE WHEN tried.times < {TEXT_TRIES} THEN NULL ELSE statement_timestamp() END,
       not_before = statement_timestamp() + {_LATER}
  FROM tried
 WHERE row.id = %(id)s AND row.fence = %(fence)s AND row.session_id = %(session)s
   AND row.status = 'sending'{_CURRENT}"""
SETTLE_TEXT = _TRIED.format(settlement=_TEXT)

# Whether a row is as this outcome left it: asked where the settlement changed nothing, because it may have
# been done before, and its answer got lost. Never true of what another holder made of the row. What was sent
# may have come further since, or have been said to fail.
SETTLED = """
SELECT 1 FROM {table} row
 WHERE row.id = %(id)s AND row.fence = %(fence)s AND row.session_id = %(session)s AND {left}"""
LEFT_SENT = "row.message_id = %(message_id)s AND row.sent_at IS NOT NULL"
# Or a receipt has proven it meanwhile.
LEFT_IN_DOUBT = f"""(row.status = 'uncertain' AND row.reason = %(reason)s
        OR row.sent_at IS NOT NULL AND row.message_id = nullif(%(message_id)s::text, '')){_CURRENT}"""
LEFT_FAILED = f"row.status = 'failed' AND row.reason = %(reason)s{_CURRENT}"
LEFT_BY_TEXT = f"row.reason = CASE row.status WHEN 'queued' THEN 'retry' WHEN 'failed' THEN 'text' END{_CURRENT}"
LEFT_TO_RETRY = f"row.status = 'queued' AND row.reason = 'retry'{_CURRENT}"

PHONE = "SELECT phone FROM {table} WHERE id = %(id)s AND session_id = %(session)s"

# Whether a notice may go on its way, after what a lookup has told of the number.
STILL_ALLOWED = f"SELECT 1 FROM campaigns_notice n WHERE n.id = %(id)s AND n.session_id = %(session)s AND {allowed('n')}"

# A number that WhatsApp doesn't know, as far as it said last. Who is found: campaigns.replies.incoming.learn_address.
NOT_ON_WHATSAPP = """
INSERT INTO wa_sessions_chat (session_id, phone, looked_up_at)
SELECT %(session)s, row.phone, statement_timestamp() FROM {table} row WHERE row.id = %(id)s AND row.phone <> ''
ON CONFLICT (session_id, phone) WHERE phone <> '' DO UPDATE SET wa_id = '', looked_up_at = EXCLUDED.looked_up_at
"""

# Triggers apply it to the row that has the id, or keep it for the one that will (campaigns.models.receipts).
RECEIPT = """
INSERT INTO campaigns_earlyreceipt (session_id, message_id, step, reason, at)
VALUES (%(session)s, %(message_id)s, %(step)s, %(reason)s, %(at)s)
ON CONFLICT DO NOTHING
"""

# What a look into the chat may still prove: rows that came into doubt within the last hour.
# Looked for at every visit of the first hour, and later until a visit that ended well has looked: a
# session may be away for days.
_NOT_LOOKED_AT = """({row}.ended_at > statement_timestamp() - interval '1 hour'
        OR {row}.ended_at > statement_timestamp() - interval '30 days'
       AND {row}.ended_at > coalesce(link.visited_at, '-infinity'))"""

DOUBTFUL_DELIVERIES = f"""
SELECT d.id, d.phone, CASE WHEN chat.id IS NOT NULL THEN {_KEYS} END AS chat, d.pressed_at, d.sending_at, d.variables, c.body, c.footer,
       ARRAY(SELECT other.message_id FROM campaigns_delivery other
              WHERE other.contact_id = d.contact_id AND other.id <> d.id
                AND other.message_id <> ''
             UNION ALL
             SELECT other.message_id FROM campaigns_notice other
              WHERE other.session_id = d.session_id AND other.phone = d.phone
                AND other.message_id <> '') AS known
  FROM campaigns_delivery d
  JOIN campaigns_campaign c ON c.id = d.campaign_id
  JOIN wa_sessions_whatsappsession session ON session.id = d.session_id
  JOIN wa_sessions_link link ON link.id = session.active_link_id
  LEFT JOIN wa_sessions_chat chat ON chat.session_id = d.session_id AND {_CHAT_OF.format(row="d")}
 WHERE d.session_id = %(session)s AND d.status = 'uncertain'
   AND d.pressed_at IS NOT NULL AND {_NOT_LOOKED_AT.format(row="d")}
 ORDER BY d.id DESC LIMIT 200
"""

DOUBTFUL_NOTICES = f"""
SELECT n.id, n.phone, CASE WHEN chat.id IS NOT NULL THEN {_KEYS} END AS chat, n.pressed_at, n.text,
       ARRAY(SELECT other.message_id FROM campaigns_notice other
              WHERE other.session_id = n.session_id AND other.phone = n.phone
                AND other.id <> n.id AND other.message_id <> ''
             UNION ALL
             SELECT other.message_id FROM contacts_contact contact
               JOIN campaigns_delivery other ON other.contact_id = contact.id
              WHERE contact.business_id = n.business_id AND contact.phone = n.phone
                AND other.message_id <> '') AS known
  FROM campaigns_notice n
  JOIN wa_sessions_whatsappsession session ON session.id = n.session_id
  JOIN wa_sessions_link link ON link.id = session.active_link_id
  LEFT JOIN wa_sessions_chat chat ON chat.session_id = n.session_id AND {_CHAT_OF.format(row="n")}
 WHERE n.session_id = %(session)s AND n.status = 'uncertain'
   AND n.pressed_at IS NOT NULL AND {_NOT_LOOKED_AT.format(row="n")}
 ORDER BY n.id DESC LIMIT 200
"""

# One message proves one row: a second row of the same text stays in doubt.
PROVED = f"""
WITH held AS MATERIALIZED ({HELD_ON_ANY_LINK_SQL})
UPDATE {{table}} row
   SET status = %(tick)s::text, message_id = %(message_id)s, reason = '', ended_at = NULL,
       sent_at = %(at)s::timestamptz,
       delivered_at = CASE WHEN %(tick)s::text <> 'sent' THEN %(at)s::timestamptz END,
       read_at = CASE WHEN %(tick)s::text = 'read' THEN %(at)s::timestamptz END
  FROM held
 WHERE row.id = %(id)s AND row.session_id = %(session)s AND row.status = 'uncertain'
   AND NOT EXISTS (SELECT 1 FROM campaigns_delivery other
                    WHERE other.session_id = %(session)s AND other.message_id = %(message_id)s
                      AND ('{{table}}' <> 'campaigns_delivery' OR other.id <> row.id))
   AND NOT EXISTS (SELECT 1 FROM campaigns_notice other
                    WHERE other.session_id = %(session)s AND other.message_id = %(message_id)s
                      AND ('{{table}}' <> 'campaigns_notice' OR other.id <> row.id))
"""

RECOVER = f"""
UPDATE {{table}}
   SET status = CASE WHEN pressed_at IS NULL THEN 'queued' ELSE 'uncertain' END,
       reason = CASE WHEN pressed_at IS NULL THEN 'retry' ELSE 'crash' END,
       ended_at = CASE WHEN pressed_at IS NULL THEN NULL ELSE statement_timestamp() END,
       sending_at = CASE WHEN pressed_at IS NULL THEN NULL ELSE sending_at END
 WHERE session_id = %(session)s AND status = 'sending' AND fence < %(fence)s{_CURRENT}
"""

# Ticks that a visit still hopes to see: the last day's, newest first. Of the notices only the test to
# oneself, until it has arrived: a person watches for that.
AWAITING = f"""
SELECT coalesce(nullif(chat.wa_id, ''), ltrim(row.phone, '+')) AS wa_id, row.message_id
  FROM ((SELECT d.session_id, d.phone, d.message_id, d.sent_at FROM campaigns_delivery d
          WHERE d.session_id = %(session)s AND d.message_id <> '' AND d.status IN ('sent', 'delivered')
            AND d.sent_at > statement_timestamp() - interval '1 day'
          ORDER BY d.sent_at DESC LIMIT 200)
         UNION ALL
        (SELECT n.session_id, n.phone, n.message_id, n.sent_at FROM campaigns_notice n
          WHERE n.session_id = %(session)s AND n.message_id <> '' AND n.status = 'sent'
            AND n.kind = 'self_test' AND n.sent_at > statement_timestamp() - interval '1 day'
          ORDER BY n.sent_at DESC LIMIT 20)) row
  LEFT JOIN wa_sessions_chat chat ON chat.session_id = row.session_id AND {_CHAT_OF.format(row="row")}
 ORDER BY row.sent_at DESC
"""

# Rows that are held (campaigns.models.Hold) are due never. The one question of an outbox that had nothing to give: whether the lease is held, when something is
# due, whether a notice is, and whether a running campaign has come to its end. Two probes of delivery_claim a campaign, whose
# order is not_before within warm or not. Scalar sub-selects in the order of an index, so that no plan reads
# more than a row: without it the planner may look for the first of none in the whole table.
GLANCE = f"""
SELECT EXISTS ({HOLDS_SQL}) AS held, CASE WHEN due.at < '{NEVER.isoformat()}' THEN due.at END AS due, coalesce(due.at <= statement_timestamp(), false) AS now,
       coalesce(due.notice <= statement_timestamp(), false) AS notice,
       EXISTS (SELECT 1 FROM campaigns_campaign c
                WHERE c.session_id = %(session)s AND c.status = 'running'
                  AND (SELECT 1 FROM campaigns_delivery q
                        WHERE q.campaign_id = c.id AND q.status = 'queued'
                        ORDER BY q.session_id, q.warm DESC, q.not_before, q.id LIMIT 1) IS NULL
                  AND (SELECT 1 FROM campaigns_delivery h
                        WHERE h.campaign_id = c.id AND h.session_id = %(session)s
                          AND h.status = 'sending' ORDER BY h.id LIMIT 1) IS NULL) AS over
  FROM (SELECT min(first.not_before) AS at, min(first.not_before) FILTER (WHERE first.is_notice) AS notice FROM (
    SELECT d.not_before, false AS is_notice FROM campaigns_campaign c, (VALUES (true), (false)) AS kind(warm),
           LATERAL (SELECT q.not_before FROM campaigns_delivery q
                     WHERE q.campaign_id = c.id AND q.session_id = %(session)s
                       AND q.status = 'queued' AND q.warm = kind.warm
                     ORDER BY q.not_before LIMIT 1) d
     WHERE c.session_id = %(session)s AND c.status = 'running'
    UNION ALL
    (SELECT n.not_before, true FROM campaigns_notice n
      WHERE n.session_id = %(session)s AND n.status = 'queued' ORDER BY n.not_before LIMIT 1)) first) due
"""
