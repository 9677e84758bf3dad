"""What is left of a delivery whose person was erased while it was under way (docs/decisions/0054)."""

import pgtrigger

from blu.db.state_machine import asked
from campaigns.models.chat_keys import number_forms
from campaigns.models.ledger_states import Reason, Status

_UNDER_WAY = f"('{Status.SENDING}', '{Status.UNCERTAIN}')"


def without_a_person() -> pgtrigger.Trigger:
    """A row whose contact is gone keeps its number and words only while it may be on the wire.

    When that is known they go with it, and so does the chat that the sending knew it by; one that was
    opened by us stays, without its person, where the day's new chats are counted. By its name it fires
    after `status_moves`, which judges what the driver said; what would be queued again is skipped.
    """
    return pgtrigger.Trigger(
        name="without_a_person",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        declare=[("numbers", "text[]")],
        func=asked(
            f"NEW.contact_id IS NULL AND NEW.phone <> '' AND NEW.status NOT IN {_UNDER_WAY}",
            f"""
            numbers := {number_forms("NEW.phone")};
            PERFORM 1 FROM public.contacts_contact c
              WHERE c.business_id = NEW.business_id AND c.phone = ANY(numbers);
            IF NOT FOUND THEN
                UPDATE public.wa_sessions_chat SET phone = '', wa_id = '', username = '', lid = 'erased-' || id
                 WHERE session_id = NEW.session_id AND phone = ANY(numbers) AND opened_at IS NOT NULL;
                DELETE FROM public.wa_sessions_chat
                 WHERE session_id = NEW.session_id AND phone = ANY(numbers);
            END IF;
            NEW.phone := '';
            NEW.variables := '{{}}';
            IF NEW.status = '{Status.QUEUED}' THEN
                NEW.status := '{Status.SKIPPED}';
                NEW.reason := '{Reason.ERASED}';
                NEW.ended_at := statement_timestamp();
            END IF;""",
        ),
    )
