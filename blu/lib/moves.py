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
    """Words as an SQL list: 'a', 'b'. For words of this code only, never for what somebody typed."""
    return ", ".join(f"'{value}'" for value in values)


def allowed_sql(column: str, moves: Moves) -> str:
    """The condition, in a trigger, that OLD may become NEW in `column`."""
    pairs = [
        f"(OLD.{column} = '{old}' AND NEW.{column} IN ({quoted(new)}))"
        for old, new in moves.items()
        if new and old != BORN
    ]
    return " OR ".join(pairs)


def only_moves(column: str, moves: Moves) -> pgtrigger.Trigger:
    """The trigger that refuses every move of `column` that is not in the table."""
    return pgtrigger.Trigger(
        name=f"{column}_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),
        condition=pgtrigger.Condition(f"OLD.{column} IS DISTINCT FROM NEW.{column}"),
        func=f"""
            IF NOT ({allowed_sql(column, moves)}) THEN
                RAISE EXCEPTION '{column} % may not become %', OLD.{column}, NEW.{column}
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
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
    """The trigger that refuses every smaller value of `column`: who was overtaken stays so."""
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
