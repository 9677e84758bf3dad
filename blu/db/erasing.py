"""Rows that stay as they are, for everybody but the database's own functions that erase (docs/decisions/0054).

Those mark their transaction by a setting. Anybody may set it, but only in a function of the owner's
is `current_user` the owner of the table as well, whoever calls.
"""

import pgtrigger

MARK = "blu.erasing"

# The condition, in a trigger's function, that one of those functions is at work.
ERASES = f"""(current_setting('{MARK}', true) = 'on' AND current_user = (
                SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID))"""


def only_erased(name: str, operation: pgtrigger.Operation, words: str = "") -> pgtrigger.Trigger:
    """A trigger that refuses the operation, with these words, unless a person or a business is being erased."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        func=refused_unless_erased(words or "rows of this table stay as they are"),
    )


def refused_unless_erased(words: str) -> str:
    """The body of such a trigger's function."""
    return f"""
            IF {ERASES} THEN
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation';
        """
