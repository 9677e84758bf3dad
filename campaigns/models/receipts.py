"""Receipts in the database: applied to the row that has the message's id, kept for the one that will.

WhatsApp may tell of a message before the ack has given its row an id, to another process even; also that it
failed. So a receipt is one INSERT into `campaigns_earlyreceipt`, and triggers do the rest, whoever writes: what is
known takes it at once and nothing is kept; a row that learns its id, or leaves `sending` with it, takes what was
kept for it. Both
hold the same advisory lock, so neither misses the other (docs/decisions/0031).
"""

import pgtrigger

from blu.db.state_machine import asked, quoted
from campaigns.models.ledger_states import STEPS, Status

KEPT = "1 day"  # a receipt that nobody asked for until then was for a message typed elsewhere

# Receipts come of every message of the account, also of those typed on the phone: they are kept only
# while a row is on its way that may still learn the id.
_IN_HAND = f"""EXISTS (SELECT 1 FROM public.{{table}} t
             WHERE t.session_id = NEW.session_id AND t.status IN ('sending', 'uncertain')
               AND t.pressed_at > statement_timestamp() - interval '{KEPT}')"""

_KNOWN = """EXISTS (SELECT 1 FROM public.{table} t
             WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id
               AND t.message_id <> '' AND t.status <> 'sending')"""

_STEPS = f"ARRAY[{quoted(STEPS)}]"

# Forward only. A receipt is a proof, so it also settles a row in doubt; and so is a failure, which says that the
# message had been taken. What failed without WhatsApp's word was never sent: it stays so.
_ADVANCE = """
    UPDATE public.{table} t
       SET status = NEW.step, reason = NEW.reason,
           ended_at = CASE WHEN NEW.step = 'failed' THEN NEW.at END,
           sent_at = coalesce(t.sent_at, NEW.at),
           delivered_at = CASE WHEN NEW.step IN ('delivered', 'read')
                          THEN coalesce(t.delivered_at, NEW.at) ELSE t.delivered_at END,
           read_at = CASE WHEN NEW.step = 'read' THEN coalesce(t.read_at, NEW.at) ELSE t.read_at END
     WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id AND t.message_id <> ''
       AND (t.status <> 'failed' OR t.sent_at IS NOT NULL)
       AND array_position({steps}, t.status::text) < array_position({steps}, NEW.step::text);"""

# A message is one row's: nothing more is asked once that has taken it, as nearly always.
_NO_MORE_IF_TAKEN = """
    IF FOUND THEN
        RETURN NULL;
    END IF;"""

_ONE_AT_A_TIME = """
    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));"""


def _of_both(condition: str) -> str:
    tables = ("campaigns_delivery", "campaigns_notice")
    return " OR ".join(condition.format(table=table) for table in tables)


def applied_or_kept() -> pgtrigger.Trigger:
    """A receipt on its way in: applied where its message is known, else kept, and the old ones swept.

    Each sweeps more than it adds, so that the table never holds more than a day brought.
    """
    tables = ("campaigns_delivery", "campaigns_notice")
    advance = "".join(
        f"{_ADVANCE.format(table=table, steps=_STEPS)}{_NO_MORE_IF_TAKEN}" for table in tables
    )
    return pgtrigger.Trigger(
        name="applied_or_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""{_ONE_AT_A_TIME}{advance}
    IF NEW.message_id = '' OR {_of_both(_KNOWN)} THEN
        RETURN NULL;
    END IF;
    IF NOT ({_of_both(_IN_HAND)}) THEN
        RETURN NULL;
    END IF;
    DELETE FROM public.campaigns_earlyreceipt WHERE id IN (
        SELECT id FROM public.campaigns_earlyreceipt
         WHERE kept_at < statement_timestamp() - interval '{KEPT}'
         ORDER BY kept_at LIMIT 10 FOR UPDATE SKIP LOCKED);
    RETURN NEW;
        """,
    )


def taken_with_the_id() -> pgtrigger.Trigger:
    """A row that learns its message's id, or is settled with it, takes the receipts that came before, in the
    same statement.

    By its name it fires before `status_moves`, which judges the status that comes of it.
    """
    return pgtrigger.Trigger(
        name="early_receipts",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status", "message_id"),
        declare=[("early", "record"), ("steps", "text[]")],
        func=asked(
            f"NEW.message_id <> '' AND (NEW.message_id <> OLD.message_id OR OLD.status = '{Status.SENDING}')"
            f" AND NEW.status IN ('{Status.UNCERTAIN}', '{Status.SENT}', '{Status.DELIVERED}')",
            f"""
    steps := {_STEPS};{_ONE_AT_A_TIME}
    FOR early IN
        DELETE FROM public.campaigns_earlyreceipt e
         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id
     RETURNING e.step, e.reason, e.at
    LOOP
        IF array_position(steps, early.step::text) > array_position(steps, NEW.status::text) THEN
            NEW.status := early.step;
            NEW.reason := early.reason;
            NEW.ended_at := CASE WHEN early.step = 'failed' THEN early.at END;
        END IF;
        NEW.sent_at := coalesce(NEW.sent_at, early.at);
        IF early.step IN ('delivered', 'read') THEN
            NEW.delivered_at := least(NEW.delivered_at, early.at);
        END IF;
        IF early.step = 'read' THEN
            NEW.read_at := least(NEW.read_at, early.at);
        END IF;
    END LOOP;""",
        ),
    )
