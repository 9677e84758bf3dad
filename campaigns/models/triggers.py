"""The ledger's invariants as database triggers, so that raw SQL and the admin can't pass them."""

import pgtrigger

from blu.db.erasing import refused_unless_erased
from blu.db.state_machine import only_births, only_moves, quoted, refused
from campaigns.models.ledger_states import ARROWS, BY_A_PERSON, BY_PROOF, NOT_ON_THE_WIRE, Status
from campaigns.models.notice_rules import DAY_IN, RULES, VALID_MINUTES, allowed

# A person's decision about this very delivery that no move was made under yet, and that says so.
DECIDED = """NEW.decision_id IS DISTINCT FROM OLD.decision_id AND EXISTS (
                    SELECT 1 FROM public.campaigns_decision d
                     WHERE d.id = NEW.decision_id AND d.delivery_id = NEW.id
                       AND d.arrived = (NEW.status = 'sent'))"""


# WhatsApp said of a message which it had taken that it failed.
TOLD = "(NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> '')"


def forward_only(decided: str = "false") -> list[pgtrigger.Trigger]:
    """Invariant 3: a status begins and moves by the arrows of campaigns.models.ledger_states and by no other.

    `decided` is the condition that a person decided to move a row that was in doubt.
    """
    of_pressed = refused(
        f"OLD.status = '{Status.SENDING}' AND NEW.status IN ({quoted(NOT_ON_THE_WIRE)})"
        f" AND NEW.pressed_at IS NOT NULL AND NOT {TOLD}",
        "'pressed at %: it may be on the wire', NEW.pressed_at",
    )
    of_told = refused(
        f"OLD.status = '{Status.SENT}' AND NEW.status = '{Status.FAILED}' AND NOT {TOLD}"
        f" OR OLD.status = '{Status.FAILED}' AND (OLD.sent_at IS NULL OR OLD.message_id = '')",
        "'only what WhatsApp says of a message it had taken moves it to % from %', NEW.status, OLD.status",
    )
    also = f"{of_pressed}{of_told}{_out_of_doubt(decided)}"
    return [only_births("status", ARROWS), only_moves("status", ARROWS, also=also)]


def _out_of_doubt(decided: str) -> str:
    by_a_person = refused(
        f"NEW.status IN ({quoted(BY_A_PERSON)}) AND NOT ({decided}) AND NOT {TOLD}",
        "'only a person moves an uncertain row, with a reason'",
    )
    by_proof = refused(
        f"NEW.status IN ({quoted(BY_PROOF)}) AND NEW.message_id = ''"
        f" AND (NEW.status <> '{Status.SENT}' OR NOT ({decided}))",
        "'neither a proof nor a decision that it was sent'",
    )
    return f"""
            IF OLD.status = '{Status.UNCERTAIN}' THEN{by_a_person}{by_proof}
            END IF;"""


# The day of DAY_IN, since a business may move its own clock; one after the other for each person and
# each number, so that what comes at the same moment is counted as well.
_ONE_MORE = """
            IF NEW.kind = '{kind}' THEN
                PERFORM pg_advisory_xact_lock(hashtextextended('{kind}:{column}:' || NEW.{column}::text, 0));
                IF (SELECT count(*) FROM public.campaigns_notice n
                     WHERE n.kind = '{kind}' AND n.{column} = NEW.{column} AND n.queued_at >= today) >= {most} THEN
                    RAISE EXCEPTION 'no more than {most} % a day by {column}', NEW.kind
                        USING ERRCODE = 'check_violation';
                END IF;
            END IF;"""


def _counted() -> str:
    return "".join(
        _ONE_MORE.format(kind=kind, column=column, most=most)
        for kind, rule in RULES.items()
        for column, most in rule.a_day
    )


_REFUSED = """
            IF NOT {allowed} THEN
                RAISE EXCEPTION 'no % may go to this number now', NEW.kind
                    USING ERRCODE = 'check_violation';
            END IF;"""


def notice_rules() -> list[pgtrigger.Trigger]:
    """A notice is made, and enters `sending`, only by the rule of its kind; whom it is for is frozen."""
    return [
        _by_rule_and_counted(),
        pgtrigger.Trigger(
            name="notice_rule_update",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(
                f"NEW.status = '{Status.SENDING}' AND OLD.status <> '{Status.SENDING}'"
            ),
            func=f"{_REFUSED.format(allowed=allowed('NEW'))}\n            RETURN NEW;",
        ),
        _frozen(
            "notice_frozen",
            *("kind", "cause", "business_id", "session_id", "phone", "text", "queued_at"),
        ),
        # Only to nobody: a person who is deleted leaves their notices behind.
        pgtrigger.Trigger(
            name="notice_asker_frozen",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(
                "NEW.asked_by_id IS NOT NULL AND NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id"
            ),
            func="RAISE EXCEPTION 'who asked stays' USING ERRCODE = 'check_violation';",
        ),
    ]


def _by_rule_and_counted() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="notice_rule_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("today", "timestamptz")],
        func=f"""
            NEW.queued_at := statement_timestamp();
            today := date_trunc('day', statement_timestamp(), '{DAY_IN}');
            {_REFUSED.format(allowed=allowed("NEW"))}{_counted()}
            RETURN NEW;
        """,
    )


def _frozen(name: str, *columns: str) -> pgtrigger.Trigger:
    rows = [f"({', '.join(f'{row}.{column}' for column in columns)})" for row in ("OLD", "NEW")]
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"({rows[0]} IS DISTINCT FROM {rows[1]})"),
        func=refused_unless_erased("what was asked for stays"),
    )


# A code must have been sent to the number, or the number must have written to the session.
_EVIDENCE = f"""
            IF NOT EXISTS (
                SELECT 1 FROM public.accounts_membership member
                  JOIN public.wa_sessions_whatsappsession session ON session.business_id = member.business_id
                 WHERE member.id = NEW.membership_id AND session.id = NEW.session_id)
            OR NOT (CASE NEW.how
                WHEN 'code' THEN NEW.asked_at > statement_timestamp() - interval '{VALID_MINUTES} minutes' AND EXISTS (
                    SELECT 1 FROM public.campaigns_notice n
                     WHERE n.kind = 'number_code' AND n.cause = NEW.id::text AND n.phone = NEW.phone
                       AND n.session_id = NEW.session_id AND n.pressed_at IS NOT NULL)
                ELSE EXISTS (
                    SELECT 1 FROM public.wa_sessions_chat chat
                     WHERE chat.session_id = NEW.session_id AND chat.phone = NEW.phone AND chat.phone <> ''
                       AND chat.warm_at IS NOT NULL)
                END) THEN
                RAISE EXCEPTION 'nothing proves this number' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
"""


def proven_by_evidence() -> list[pgtrigger.Trigger]:
    """A number is proven by what was sent or heard, never by writing so; what was asked for stays."""
    return [
        pgtrigger.Trigger(
            name="proof_begins_unproven",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func="""
            IF NEW.proven_at IS NOT NULL OR NEW.tries <> 0 THEN
                RAISE EXCEPTION 'nothing proves this number' USING ERRCODE = 'check_violation';
            END IF;
            NEW.asked_at := statement_timestamp();
            RETURN NEW;
        """,
        ),
        pgtrigger.Trigger(
            name="proof_by_evidence",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition("NEW.proven_at IS NOT NULL"),
            func=_EVIDENCE,
        ),
        _frozen("proof_frozen", "membership_id", "session_id", "how", "code", "asked_at"),
        pgtrigger.Trigger(
            name="proof_forward_only",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(
                "OLD.proven_at IS NOT NULL OR NEW.tries < OLD.tries"
                " OR OLD.phone <> '' AND NEW.phone <> OLD.phone"
            ),
            func="RAISE EXCEPTION 'a proof stays as it is' USING ERRCODE = 'check_violation';",
        ),
    ]
