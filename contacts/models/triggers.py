"""What PostgreSQL itself keeps of a contact's number, whoever writes: page, admin, import, raw SQL."""

import pgtrigger

from blu.db.erasing import only_erased

_VERSIONS = 0x574F5244  # "WORD": two new wordings of one business count one after the other


def number_stays() -> pgtrigger.Trigger:
    """Consents, sendings and stops stand on a number, so it never changes under them.

    A corrected number is another contact (contacts.people.services.correct_number).
    """
    return pgtrigger.Trigger(
        name="number_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("phone"),
        condition=pgtrigger.Condition("OLD.phone IS DISTINCT FROM NEW.phone"),
        func="""
            RAISE EXCEPTION 'a contact''s number never changes: a corrected one is another contact'
                USING ERRCODE = 'check_violation';
        """,
    )


def replaced_without_consent() -> pgtrigger.Trigger:
    """Before a contact is replaced, everything that stood for its number is revoked."""
    return pgtrigger.Trigger(
        name="replaced_without_consent",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("replaced_by_id"),
        condition=pgtrigger.Condition("NEW.replaced_by_id IS NOT NULL"),
        func="""
            PERFORM 1 FROM public.contacts_subscription s
              WHERE s.contact_id = NEW.id AND s.state = 'granted';
            IF FOUND THEN
                RAISE EXCEPTION 'a consent still stands for this number'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def nothing_granted_to_replaced() -> pgtrigger.Trigger:
    """No subscription is granted under a number that was corrected.

    The lock is the foreign key's own, taken a moment earlier: a grant beside a correction waits for it.
    """
    return pgtrigger.Trigger(
        name="nothing_granted_to_replaced",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.state = 'granted'"),
        func="""
            PERFORM 1 FROM public.contacts_contact c
              WHERE c.id = NEW.contact_id AND c.replaced_by_id IS NULL FOR KEY SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the number of this contact was corrected'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


def wording_stays() -> list[pgtrigger.Trigger]:
    """What people agreed to is what they read: a text never changes, and each new one is the next version."""
    return [
        only_erased("wording_stays", pgtrigger.Update | pgtrigger.Delete, "a wording stays"),
        pgtrigger.Trigger(
            name="wording_version",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=f"""
                PERFORM pg_advisory_xact_lock({_VERSIONS}, NEW.business_id::integer);
                NEW.version := (SELECT coalesce(max(wording.version), 0) + 1
                                  FROM public.contacts_consentwording wording
                                 WHERE wording.business_id = NEW.business_id);
                RETURN NEW;
            """,
        ),
    ]


def granted_by_consent() -> list[pgtrigger.Trigger]:
    """Nobody is subscribed without the consent that says so, written before or in the same statement.

    Asked once a statement, not a row: an import grants thousands in one.
    """
    return [
        pgtrigger.Trigger(
            name=f"granted_by_consent_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="written"),
            func="""
                PERFORM 1 FROM written s
                  WHERE s.state = 'granted' AND 'granted' IS DISTINCT FROM (
                      SELECT consent.state FROM public.contacts_consent consent
                       WHERE consent.contact_id = s.contact_id AND consent.topic_id = s.topic_id
                       ORDER BY consent.id DESC LIMIT 1);
                IF FOUND THEN
                    RAISE EXCEPTION 'nothing is granted without a consent'
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            """,
        )
        for name, operation in (("insert", pgtrigger.Insert), ("update", pgtrigger.Update))
    ]
