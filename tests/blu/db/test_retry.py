"""Waiting out a database that is away, for steps that must not be lost."""

from collections.abc import Callable

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection, transaction

from blu.db import retry
from blu.db.retry import retry_while_away


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, in no time."""
    slept: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", slept.append)
    return slept


def failing(*errors: Exception) -> Callable[[], str]:
    left = list(errors)

    def step() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return step


@pytest.mark.django_db(transaction=True)
class TestOutside:
    def test_a_step_that_works_is_run_once(self, waits: list[float]) -> None:
        assert retry_while_away(failing()) == "done"
        assert waits == []

    def test_it_is_repeated_while_the_database_is_away(self, waits: list[float]) -> None:
        step = failing(OperationalError("gone"), InterfaceError("closed"), OperationalError("up"))
        assert retry_while_away(step) == "done"
        assert len(waits) == 3

    def test_it_starts_anew_with_a_fresh_connection(self) -> None:
        connection.ensure_connection()
        old = connection.connection
        retry_while_away(failing(OperationalError("gone")))
        connection.ensure_connection()
        assert connection.connection is not old

    def test_it_gives_up_in_the_end(self) -> None:
        with pytest.raises(OperationalError, match="still away"):
            retry_while_away(_always("still away"), give_up_after=0)

    def test_other_errors_pass_through(self, waits: list[float]) -> None:
        with pytest.raises(DataError):
            retry_while_away(failing(DataError("too long")))
        assert waits == []

    def test_a_killed_backend_is_survived(self) -> None:
        """A real one: PostgreSQL ends the connection under the step."""
        tries: list[int] = []

        def step() -> int:
            tries.append(1)
            with connection.cursor() as cursor:
                if len(tries) == 1:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                cursor.execute("SELECT 7")
                return int(cursor.fetchone()[0])

        assert retry_while_away(step) == 7
        assert len(tries) == 2

    def test_a_server_that_may_only_be_read_is_waited_out(self) -> None:
        """As one is that was just replaced, for who was connected to it."""
        tries: list[int] = []

        def step() -> None:
            tries.append(1)
            with connection.cursor() as cursor:
                if len(tries) == 1:
                    cursor.execute("SET default_transaction_read_only = on")
                cursor.execute("DELETE FROM accounts_turn WHERE false")

        retry_while_away(step)
        assert len(tries) == 2


def _always(word: str) -> Callable[[], str]:
    def step() -> str:
        raise OperationalError(word)

    return step


@pytest.mark.django_db
def test_within_a_transaction_there_is_nothing_to_repeat(waits: list[float]) -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        retry_while_away(failing(OperationalError("gone")))
    assert waits == []
