"""The gate of every message of a campaign: consent, no stop and no hold, at the moment of the claim; and what a
stop's own rows obey that only campaigns know: whose chat it is, and who came back.
"""

import pgtrigger

from blu.db.erasing import ERASES
from blu.db.state_machine import asked
from campaigns.models.chat_keys import keys_of, number_forms, short_form
from campaigns.models.hold_rules import NEVER, WAITS, held_since
from campaigns.models.ledger_states import Reason, Status
from campaigns.models.restricted_people import AGAIN, belongs_elsewhere
from contacts.models import Stop
from contacts.models.stops import claims_lock, number_key, standing
from sessions.models import Chat

# FOR SHARE makes a claim wait for a revocation in flight, and a revocation for a claim; the other lock does
# the same for a stop without a subscription (contacts.models.Stop). Subscriptions first, as whoever stops. The
# tables are named with their schema: a temporary table of the same name must not answer in their place.
_CONSENT = """
    PERFORM 1 FROM public.contacts_subscription s
      JOIN public.campaigns_campaign c ON c.topic_id = s.topic_id
      JOIN public.contacts_contact contact ON contact.id = s.contact_id AND contact.phone = NEW.phone
     WHERE c.id = NEW.campaign_id AND s.contact_id = NEW.contact_id AND s.state = 'granted'
       FOR SHARE OF s;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no granted subscription to the campaign''s topic now, of who has this number'
            USING ERRCODE = 'check_violation';
    END IF;
"""

# As chat_keys.keys_of, for who pays for it at every claim: one statement for keys, stops and holds, which begins after
# the lock is had and so sees what others committed; the number's forms at hand before it, or each probe makes them
# anew; keys of who has no LID or name, which stand for nothing, left in. OFFSET has them gathered once.
NEITHER_STOP_NOR_HOLD = f"""
    number := {number_key("NEW.phone")};
    short := {short_form("NEW.phone")};
    PERFORM pg_advisory_xact_lock_shared({claims_lock("NEW.business_id", "number")});
    SELECT {standing("NEW.business_id", "person.keys")}, {held_since("NEW.business_id", "person.keys")}
      INTO stopped, since
      FROM (SELECT number || array_agg('lid:' || chat.lid) || array_agg('@' || chat.username) AS keys
              FROM public.wa_sessions_whatsappsession session
              JOIN public.wa_sessions_chat chat ON chat.session_id = session.id
             WHERE session.business_id = NEW.business_id AND chat.phone IN (number, short) AND chat.phone <> ''
            OFFSET 0) person;
    IF stopped OR since < statement_timestamp() - interval '{WAITS.days} days' THEN
        NEW.status := '{Status.SKIPPED}';
        NEW.reason := CASE WHEN stopped THEN '{Reason.STOP}' ELSE '{Reason.HELD}' END;
        NEW.ended_at := statement_timestamp();
        NEW.sending_at := NULL;
    ELSIF since IS NOT NULL THEN
        NEW := OLD;
        NEW.reason := '{Reason.HELD}';
        NEW.not_before := '{NEVER.isoformat()}';
    END IF;
"""

# Nor may anybody be written to by another account while theirs is restricted: they wait.
_NOR_ELSEWHERE = f"""
    IF NEW.status = '{Status.SENDING}' AND {belongs_elsewhere("NEW.business_id", "NEW.session_id", "NEW.contact_id", "number, short")} THEN
        NEW := OLD;
        NEW.reason := '{Reason.RESTRICTED}';
        NEW.not_before := statement_timestamp() + {AGAIN};
    END IF;
"""


def consent_now() -> pgtrigger.Trigger:
    """Invariant 2: no row enters `sending` without a granted subscription at that moment, none to another
    number than that of whom it was granted by, and none to whom a stop stands for: it is skipped instead. Under
    a hold it stays in the queue until a person has decided, and while another account that talks to them is restricted.
    """
    return pgtrigger.Trigger(
        name="consent_now",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        declare=[
            ("number", "text"),
            ("short", "text"),
            ("stopped", "boolean"),
            ("since", "timestamptz"),
        ],
        func=asked(
            f"NEW.status = '{Status.SENDING}' AND (OLD.status <> '{Status.SENDING}'"
            " OR OLD.campaign_id <> NEW.campaign_id OR OLD.contact_id <> NEW.contact_id"
            " OR OLD.phone <> NEW.phone OR OLD.business_id <> NEW.business_id"
            " OR OLD.session_id <> NEW.session_id)",
            f"{_CONSENT}{NEITHER_STOP_NOR_HOLD}{_NOR_ELSEWHERE}",
        ),
    )


# One person's keys, some of which a chat learnt just now: what stands for one of them stands for the lasting ones.
_FOLLOWS = f"""
    INSERT INTO public.contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref, actor_id, until)
    SELECT one.business_id, kept.key, one.why, one.source, one.evidence_kind, one.evidence_ref,
           one.actor_id, one.until
      FROM (SELECT stop.* FROM public.contacts_stop stop
              JOIN public.wa_sessions_whatsappsession session ON session.business_id = stop.business_id
             WHERE session.id = NEW.session_id AND stop.lifted_at IS NULL
               AND (stop.until IS NULL OR stop.until > statement_timestamp())
               AND stop.key IN ({number_key("NEW.phone")}, 'lid:' || NEW.lid, '@' || NEW.username)
             ORDER BY stop.until DESC NULLS FIRST LIMIT 1) one,
           unnest(ARRAY[{number_key("nullif(NEW.phone, '')")}, 'lid:' || nullif(NEW.lid, '')]) kept(key)
     WHERE kept.key IS NOT NULL
     ORDER BY kept.key
    ON CONFLICT (business_id, key) WHERE lifted_at IS NULL DO NOTHING;
    RETURN NULL;
"""

_MORE_KEYS = "((NEW.phone <> '')::int + (NEW.lid <> '')::int + (NEW.username <> '')::int > 1)"


def _stop_follows(name: str, operation: pgtrigger.Operation, condition: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        condition=pgtrigger.Condition(condition),
        func=_FOLLOWS,
    )


# The message says VOLTAR, and is of whom the key is, as any session of the business knows them; or the person changed
# it just now on their own page, by a link that was sent to that number.
_CAME_BACK = f"""
    IF {ERASES} THEN RETURN NEW; END IF;
    PERFORM 1 FROM public.contacts_preferencechange change
      JOIN public.contacts_contact contact ON contact.id = change.contact_id
     WHERE change.business_id = NEW.business_id AND NEW.lifted_ref = 'page:' || change.id
       AND change.what IN ('topic_on', 'returned') AND change.link_from = 'message'
       AND change.at > OLD.at AND NEW.why <> 'other_person'
       AND NEW.key = ANY({keys_of("NEW.business_id", "contact.phone")});
    IF FOUND THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM public.campaigns_reply reply
     WHERE reply.business_id = NEW.business_id AND reply.message_id = NEW.lifted_ref AND reply.kind = 'return'
       AND (NEW.key = {number_key("reply.person")} OR EXISTS (
           SELECT 1 FROM public.wa_sessions_chat chat
             JOIN public.wa_sessions_whatsappsession session ON session.id = chat.session_id
            WHERE session.business_id = NEW.business_id
              AND (chat.phone <> '' AND chat.phone = ANY({number_forms("reply.phone")})
                OR chat.lid <> '' AND reply.called = 'lid:' || chat.lid
                OR chat.username <> '' AND reply.called = '@' || chat.username)
              AND NEW.key IN ({number_key("chat.phone")}, 'lid:' || chat.lid, '@' || chat.username)));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only the person lifts a stop' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""

pgtrigger.register(
    _stop_follows("stop_follows_insert", pgtrigger.Insert, _MORE_KEYS),
    _stop_follows(
        "stop_follows_update",
        pgtrigger.UpdateOf("phone", "lid", "username"),
        f"({_MORE_KEYS} AND (OLD.phone, OLD.lid, OLD.username)"
        " IS DISTINCT FROM (NEW.phone, NEW.lid, NEW.username))",
    ),
)(Chat)
# A number's stop that the person lifts on their page goes for all that its chats are known by: a page knows the number alone.
_LIFTED_TOO = f"""
    UPDATE public.contacts_stop stop SET lifted_at = NEW.lifted_at, lifted_ref = NEW.lifted_ref
     WHERE stop.business_id = NEW.business_id AND stop.lifted_at IS NULL AND stop.why <> 'other_person'
       AND stop.key = ANY({keys_of("NEW.business_id", "NEW.key")});
    RETURN NULL;
"""

pgtrigger.register(
    pgtrigger.Trigger(
        name="lifted_for_all_keys",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.lifted_at IS NULL AND NEW.lifted_ref LIKE 'page:%' AND NEW.key LIKE '+%'"
        ),
        func=_LIFTED_TOO,
    ),
    pgtrigger.Trigger(
        name="lifted_by_the_person",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL"),
        func=_CAME_BACK,
    ),
)(Stop)
