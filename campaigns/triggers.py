"""The ledger's invariants as database triggers, so that raw SQL and the admin can't pass them."""

import pgtrigger

from campaigns.transitions import ARROWS, BY_A_PERSON, BY_PROOF, NOT_ON_THE_WIRE, Status


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _arrows() -> str:
    pairs = [
        f"OLD.status = '{old}' AND NEW.status IN ({_quoted(new)})" for old, new in ARROWS.items()
    ]
    return " OR ".join(f"({pair})" for pair in pairs)


def forward_only() -> pgtrigger.Trigger:
    """Invariant 3: a status moves by the arrows of campaigns.transitions and by no other."""
    return pgtrigger.Trigger(
        name="forward_only",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
        func=f"""
            IF NOT ({_arrows()}) THEN
                RAISE EXCEPTION 'status % may not become %', OLD.status, NEW.status
                    USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.status = '{Status.SENDING}' AND NEW.status IN ({_quoted(NOT_ON_THE_WIRE)})
               AND NEW.pressed_at IS NOT NULL THEN
                RAISE EXCEPTION 'pressed at %: it may be on the wire', NEW.pressed_at
                    USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.status = '{Status.UNCERTAIN}' AND NEW.status IN ({_quoted(BY_A_PERSON)})
               AND NEW.decision = OLD.decision THEN
                RAISE EXCEPTION 'only a person moves an uncertain row, with a reason'
                    USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.status = '{Status.UNCERTAIN}' AND NEW.status IN ({_quoted(BY_PROOF)})
               AND NEW.message_id = ''
               AND (NEW.status <> '{Status.SENT}' OR NEW.decision = OLD.decision) THEN
                RAISE EXCEPTION 'neither a proof nor a decision that it was sent'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


# FOR SHARE makes a claim wait for a revocation in flight, and a revocation for a claim. The tables
# are named with their schema: a temporary table of the same name must not answer in their place.
_CONSENT = """
    PERFORM 1 FROM public.contacts_subscription s
      JOIN public.campaigns_campaign c ON c.topic_id = s.topic_id
     WHERE c.id = NEW.campaign_id AND s.contact_id = NEW.contact_id AND s.state = 'granted'
       FOR SHARE OF s;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no granted subscription to the campaign''s topic now'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


def consent_now() -> list[pgtrigger.Trigger]:
    """Invariant 2: no row enters `sending` without a granted subscription at that moment.

    Guarded by WHEN, so that a launch's million inserts of queued rows don't pay for it.
    """
    return [
        pgtrigger.Trigger(
            name="consent_now_insert",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Condition(f"NEW.status = '{Status.SENDING}'"),
            func=_CONSENT,
        ),
        pgtrigger.Trigger(
            name="consent_now_update",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(
                f"NEW.status = '{Status.SENDING}' AND (OLD.status <> '{Status.SENDING}'"
                " OR OLD.campaign_id <> NEW.campaign_id OR OLD.contact_id <> NEW.contact_id)"
            ),
            func=_CONSENT,
        ),
    ]
