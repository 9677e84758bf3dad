"""The database roles and what each may do (docs: design, section 2).

blu_owner owns every table and runs the migrations. The others only read and write rows: owning
nothing, they can neither truncate a table nor switch a trigger off. A page waits for nothing that takes
longer than WEB_TIMEOUT; jobs, visits and watch do, as blu_jobs. A host (blu_host), whose links share a
few connections, waits for no lock longer than HOST_LOCK_TIMEOUT. Both are the roles' own settings because
PgBouncer lets no connection bring one.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from blu.ops.dev_secrets import DATABASE_NAME, ROLES

OWNER, *USERS = ROLES
WEB, WEB_TIMEOUT = "blu_web", "15s"
HOST, HOST_LOCK_TIMEOUT = "blu_host", "2s"


def create_roles_and_database(superuser_url: str, secrets: Mapping[str, str]) -> None:
    """Bring roles, passwords, database and privileges up to date; safe to repeat.

    The privileges also go to template1, so that test databases are born with them.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role in ROLES:
            _role(connection, role, secrets[f"{role.removeprefix('blu_')}_password"])
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))
        _set(connection, WEB, "statement_timeout", WEB_TIMEOUT)
        _set(connection, HOST, "lock_timeout", HOST_LOCK_TIMEOUT)
        _privileges(superuser_url, "template1")
        _database(connection)
        _privileges(superuser_url, DATABASE_NAME)


def _role(connection: psycopg.Connection, role: str, password: str) -> None:
    name = sql.Identifier(role)
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if known is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD {}").format(
            name, sql.Literal(password)
        )
    )


def _set(connection: psycopg.Connection, role: str, name: str, value: str) -> None:
    connection.execute(
        sql.SQL("ALTER ROLE {} SET {} = {}").format(
            sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
        )
    )


def _database(connection: psycopg.Connection) -> None:
    known = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]
    ).fetchone()
    if known is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(DATABASE_NAME), sql.Identifier(OWNER)
            )
        )


def _privileges(superuser_url: str, database: str) -> None:
    """What the owner creates from now on is readable and writable, row by row, for the users."""
    users = sql.SQL(", ").join(map(sql.Identifier, USERS))
    with psycopg.connect(superuser_url, dbname=database, autocommit=True) as connection:
        for what in ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES"):
            connection.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} TO {}").format(
                    sql.Identifier(OWNER), sql.SQL(what), users
                )
            )
