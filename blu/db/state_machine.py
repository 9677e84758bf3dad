"""A state machine is one table of moves: {state: the states it may become}. Its triggers are made from it.

So raw SQL and the admin obey the same table as the code. A row that stays in its state is no move.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pgtrigger

Moves = Mapping[Any, Iterable[str]]

BORN = ""
"""In a table of moves, what comes before the first state: a row begins in one of these."""


def quoted(values: Iterable[str]) -> str:
    """Words as an SQL list: 'a', 'b'. For words of this code only, never for what a person typed."""
    return ", ".join(f"'{value}'" for value in values)


def asked(condition: str, then: str) -> str:
    """A trigger's function: `then` where the condition holds, and the row as it is.

    On tables whose rows are written one by one, in place of a trigger's WHEN: PostgreSQL reads that anew for each
    statement, which takes it ten times as long as the call of a function (docs/decisions/0056).
    """
    return f"""
            IF {condition} THEN{then}
            END IF;
            RETURN NEW;
        """


def refused(condition: str, words: str) -> str:
    """A statement of a trigger's function: it refuses the row where the condition holds."""
    return f"""
            IF {condition} THEN
                RAISE EXCEPTION {words} USING ERRCODE = 'check_violation';
            END IF;"""


def only_moves(column: str, moves: Moves, *, also: str = "") -> pgtrigger.Trigger:
    """The trigger that refuses every move of `column` that is not in the table; `also` are more statements of it.

    They are not asked where the column stays as it is.
    """
    pairs = [f"{old} {new}" for old, states in moves.items() if old != BORN for new in states]
    no_move = refused(
        f"OLD.{column} || ' ' || NEW.{column} <> ALL ('{{{', '.join(pairs)}}}'::text[])",
        f"'{column} % may not become %', OLD.{column}, NEW.{column}",
    )
    return pgtrigger.Trigger(
        name=f"{column}_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),
        func=asked(f"OLD.{column} <> NEW.{column}", f"{no_move}{also}"),
    )


def only_births(column: str, moves: Moves) -> pgtrigger.Trigger:
    """The trigger that refuses every new row whose `column` is not as the table lets it begin.

    Guarded by WHEN, so that a launch's million inserts don't pay for it.
    """
    return pgtrigger.Trigger(
        name=f"{column}_births",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(f"NEW.{column} NOT IN ({quoted(moves[BORN])})"),
        func=f"""
            RAISE EXCEPTION 'no row begins with {column} %', NEW.{column} USING ERRCODE = 'check_violation';
        """,
    )


def only_grows(column: str) -> pgtrigger.Trigger:
    """The trigger that refuses every smaller value of `column`, as of a fence that a newer one replaced."""
    return pgtrigger.Trigger(
        name=f"{column}_grows",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),
        condition=pgtrigger.Condition(f"NEW.{column} < OLD.{column}"),
        func=f"RAISE EXCEPTION '{column} never decreases' USING ERRCODE = 'check_violation';",
    )


def sources(state: str, moves: Moves) -> list[str]:
    """The states that may become `state`, itself among them."""
    return [state, *(old for old, new in moves.items() if state in new and old != BORN)]
