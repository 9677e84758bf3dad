"""Many threads that share a few connections to the database, for a process that never serves pages."""

from django.db import DEFAULT_DB_ALIAS, connection, connections


def share(number: int) -> None:
    """From now on all threads of this process draw from one pool: django's own would be one each, for good."""
    settings = connections.settings[DEFAULT_DB_ALIAS]
    settings["CONN_MAX_AGE"] = 0
    settings["OPTIONS"] = {
        **settings.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": number, "num_workers": 1},
    }


def keep_own() -> None:
    """This thread keeps a connection beside the pool, and never waits for what others do with theirs."""
    connection.close()
    settings = connection.settings_dict
    own = {key: value for key, value in settings["OPTIONS"].items() if key != "pool"}
    connection.settings_dict = settings | {"OPTIONS": own}
