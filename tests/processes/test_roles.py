"""The roles: what that of the web may not do, tried as it; and how their passwords are kept."""

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Group

from blu.ops import dev_database
from blu.ops.db_roles import STORE


def test_web_role_reads_and_writes_rows(as_blu_web: psycopg.Connection) -> None:
    Group.objects.create(name="equipe")
    as_blu_web.execute("UPDATE auth_group SET name = 'outra'")
    as_blu_web.execute("INSERT INTO auth_group (name) VALUES ('nova')")
    assert set(Group.objects.values_list("name", flat=True)) == {"outra", "nova"}
    as_blu_web.execute("DELETE FROM auth_group")
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE auth_group CASCADE",
        "ALTER TABLE auth_group DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE auth_group",
        "CREATE TABLE mine (id int)",
        "CREATE TRIGGER mine BEFORE DELETE ON auth_group EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
        "SET ROLE blu_owner",
    ],
)
def test_web_role_may_not_change_the_house(as_blu_web: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_blu_web.execute(statement)


def test_roles_need_their_password(as_blu_web: psycopg.Connection) -> None:
    info = as_blu_web.info
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=info.host, user="blu_owner", dbname=info.dbname, password="adivinhada")


def test_a_password_of_random_bytes_is_hashed_once(transactional_db: None) -> None:
    with psycopg.connect(dev_database.superuser_url(settings.VAR, "postgres")) as other:
        kept = other.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL AND rolname <> %s",
            [STORE],
        )
        assert {hashed.split(":")[0] for (hashed,) in kept} == {"SCRAM-SHA-256$1"}
