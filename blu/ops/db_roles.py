"""The database roles, their grants, and what each may do.

blu_owner owns every table and runs the migrations. The others only read and write rows: owning
nothing, they can neither truncate a table nor switch a trigger off. A page waits for nothing that takes
longer than WEB_TIMEOUT; jobs, visits and watch do, as blu_jobs. A host (blu_host), whose links share a
few connections, waits for no lock longer than HOST_LOCK_TIMEOUT. Both are the roles' own settings because
PgBouncer lets no connection bring one. What carries links without a browser lies in the schema `blu_store`, which is
the only thing that role has: hosts use it for that, no other may look into it, and it sees nothing of blü. A host's own
role makes nothing: what it named as something of the ledger's would be taken for that.
"""

from collections.abc import Iterator, Mapping

from psycopg import sql

from blu.ops.dev_secrets import DATABASE_NAME, ROLES

STORE = "blu_store"
OWNER, *USERS = (sql.Identifier(role) for role in ROLES if role != STORE)
WEB_TIMEOUT, HOST_LOCK_TIMEOUT = "15s", "2s"
HOST_IDLE_TIMEOUT = (
    "10s"  # of one that stands still in mid-transaction: its links are another's by then
)
FEWEST_ROUNDS = (
    1000  # that the library of direct links takes of a server; all others may have dev_database's
)


def statements(secrets: Mapping[str, str]) -> Iterator[str]:
    """What makes roles and database, for a superuser in template1, whose databases are born with the privileges."""
    for role in ROLES:
        rounds = FEWEST_ROUNDS if role == STORE else "DEFAULT"
        yield f"SET scram_iterations = {rounds}"
        password = sql.Literal(secrets[f"{role.removeprefix('blu_')}_password"])
        yield _written("CREATE ROLE {} LOGIN PASSWORD {}", sql.Identifier(role), password)
    yield _written("ALTER ROLE {} CREATEDB", OWNER)
    yield f"ALTER ROLE blu_web SET statement_timeout = '{WEB_TIMEOUT}'"
    yield f"ALTER ROLE blu_host SET lock_timeout = '{HOST_LOCK_TIMEOUT}'"
    yield f"ALTER ROLE blu_host SET idle_in_transaction_session_timeout = '{HOST_IDLE_TIMEOUT}'"
    # Its few statements find a row or two by an index, whatever the values: planning one takes longer than running it.
    yield "ALTER ROLE blu_host SET plan_cache_mode = 'force_generic_plan'"
    yield f"CREATE SCHEMA {STORE} AUTHORIZATION {STORE}"
    # What the owner creates from now on is readable and writable, row by row, for the users.
    for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
        granted = f"ALTER DEFAULT PRIVILEGES FOR ROLE {{}} GRANT {what} TO {{}}"
        yield _written(granted, OWNER, sql.SQL(", ").join(USERS))
    yield _written("CREATE DATABASE {} OWNER {}", sql.Identifier(DATABASE_NAME), OWNER)


def _written(statement: str, *parts: sql.Composable) -> str:
    return sql.SQL(statement).format(*parts).as_string()
