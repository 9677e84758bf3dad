"""Many threads that share a few connections to the database, for a process that never serves pages."""

from django.db import DEFAULT_DB_ALIAS, connection, connections


def share(number: int) -> None:
    """Let all threads of this process share a pool; Django would keep one connection a thread.

    No connection is asked whether it lives when it is lent, which would be every second question of a host: one that
    doesn't fails at its statement, and the pool makes another.
    """
    settings = connections.settings[DEFAULT_DB_ALIAS]
    settings["CONN_MAX_AGE"], settings["CONN_HEALTH_CHECKS"] = 0, False
    settings["OPTIONS"] = {
        **settings.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": number, "num_workers": 1},
    }


def keep_own() -> None:
    """Give this thread a connection beside the pool, so that it never waits for another thread's."""
    connection.close()
    settings = connection.settings_dict
    own = {key: value for key, value in settings["OPTIONS"].items() if key != "pool"}
    connection.settings_dict = settings | {"OPTIONS": own}
