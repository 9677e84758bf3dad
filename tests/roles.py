"""What a process asks of the database, asked by a test: with that process's role."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from environ import Env

from blu.ops import dev_secrets


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """All that is asked within is asked by a role of blü's; for tests that commit."""
    name = str(connection.settings_dict["NAME"])
    given = Env.db_url_config(dev_secrets.database_url(settings.VAR, role, database=name))
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update({key: given[key] for key in before})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
