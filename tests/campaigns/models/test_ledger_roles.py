"""What the roles of the web and of the hosts may not do, however much they would like to."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from blu.ops import dev_secrets
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts.models import State, Stop, Subscription
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

LEDGER = ("campaigns_delivery", "campaigns_notice", "contacts_consent", "contacts_subscription")


@pytest.fixture(params=["blu_web", "blu_jobs", "blu_host"])
def role(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[psycopg.Connection]:
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(settings.VAR, request.param, database=name)
    with psycopg.connect(url, autocommit=True) as other:
        yield other


def refused() -> pytest.RaisesExc[psycopg.Error]:
    return pytest.raises(psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize("which", ["ALL", "USER"])
def test_triggers_are_not_switched_off(role: psycopg.Connection, table: str, which: str) -> None:
    with refused():
        role.execute(f"ALTER TABLE {table} DISABLE TRIGGER {which}")


@pytest.mark.parametrize("table", LEDGER)
def test_tables_are_neither_emptied_nor_dropped(role: psycopg.Connection, table: str) -> None:
    for command in (f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE", f"DROP TABLE {table}"):
        with refused():
            role.execute(command)


def test_a_trigger_is_neither_dropped_nor_renamed(role: psycopg.Connection) -> None:
    triggers = role.execute(
        "SELECT tgname, tgrelid::regclass FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid IN ('campaigns_delivery'::regclass,"
        " 'campaigns_notice'::regclass, 'contacts_consent'::regclass)"
    ).fetchall()
    assert len(triggers) >= 5
    for name, table in triggers:
        with refused():
            role.execute(f'DROP TRIGGER "{name}" ON {table}')
        with refused():
            role.execute(f'ALTER TRIGGER "{name}" ON {table} RENAME TO gone')


def test_the_triggers_functions_are_not_replaced(role: psycopg.Connection) -> None:
    functions = role.execute(
        "SELECT DISTINCT tgfoid::regproc::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid = 'campaigns_delivery'::regclass"
    ).fetchall()
    for (function,) in functions:
        with refused():
            role.execute(
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RETURN NEW; END $$"
            )


def test_a_session_does_not_pose_as_a_replica(role: psycopg.Connection) -> None:
    """With session_replication_role = replica no ordinary trigger and no foreign key would fire."""
    for command in (
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', false)",
    ):
        with refused():
            role.execute(command)


@pytest.fixture
def revoked(transactional_db: None) -> Delivery:
    """A queued row of somebody who asked to stop."""
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    delivery = factories.make_delivery(campaign)
    Subscription.objects.update(state=State.REVOKED)
    return delivery


def test_a_session_variable_switches_nothing_off(
    role: psycopg.Connection, revoked: Delivery
) -> None:
    """django-pgtrigger lets whoever sets pgtrigger.ignore pass its triggers; ours let nobody."""
    names = role.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").fetchall()
    assert len(names) >= 5
    ignored = "{" + ",".join(name for (name,) in names) + "}"
    role.execute("SELECT set_config('pgtrigger.ignore', %s, false)", [ignored])
    with pytest.raises(psycopg.errors.CheckViolation):
        role.execute("UPDATE campaigns_delivery SET status = 'sending'")
    with pytest.raises(psycopg.errors.CheckViolation):
        role.execute("UPDATE campaigns_delivery SET status = 'read'")
    factories.subscribe(revoked.contact, revoked.campaign.topic, State.REVOKED)  # type: ignore[arg-type]
    with pytest.raises(psycopg.errors.CheckViolation):
        role.execute("UPDATE contacts_subscription SET state = 'granted'")


def test_a_temporary_table_grants_nothing(role: psycopg.Connection, revoked: Delivery) -> None:
    """Temporary tables come before all others, unless a name says otherwise."""
    role.execute(
        "CREATE TEMP TABLE contacts_subscription AS"
        " SELECT contact_id, topic_id, 'granted'::text AS state FROM public.contacts_subscription"
    )
    role.execute("CREATE TEMP TABLE campaigns_campaign AS SELECT * FROM public.campaigns_campaign")
    with pytest.raises(psycopg.errors.CheckViolation):
        role.execute("UPDATE campaigns_delivery SET status = 'sending'")


def test_constraints_stay(role: psycopg.Connection) -> None:
    for table, name in (
        ("campaigns_delivery", "delivery_once"),
        ("campaigns_delivery", "delivery_contact_business"),
        ("campaigns_campaign", "campaign_topic_business"),
    ):
        with refused():
            role.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def test_the_role_does_not_become_the_owner(role: psycopg.Connection) -> None:
    with refused():
        role.execute("SET ROLE blu_owner")
    with refused():
        role.execute("GRANT blu_owner TO CURRENT_USER")


KEPT = (
    *LEDGER,
    "campaigns_decision",
    "campaigns_historicalsessionlimits",
    "contacts_stop",
    "contacts_consentwording",
    "accounts_historicalbusiness",
    "accounts_historicalinvitation",
    "accounts_historicalmembership",
    "wa_sessions_historicalwhatsappsession",
    "wa_sessions_sessionevent",
    "wa_sessions_evidenceopening",
    "django_admin_log",
)


@pytest.mark.parametrize("table", KEPT)
def test_ledger_history_and_audit_are_deleted_by_no_role(
    role: psycopg.Connection, table: str
) -> None:
    with refused():
        role.execute(f"DELETE FROM {table}")


def test_every_history_is_among_them(role: psycopg.Connection) -> None:
    found = role.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '%historical%'"
    ).fetchall()
    assert {name for (name,) in found} == {name for name in KEPT if "historical" in name}


@pytest.mark.parametrize("table", ["contacts_consent", "contacts_consentwording"])
def test_what_people_agreed_to_is_changed_by_no_role(role: psycopg.Connection, table: str) -> None:
    with refused():
        role.execute(f"UPDATE {table} SET id = id")


def test_a_page_keeps_a_stop_and_lifts_none(role: psycopg.Connection) -> None:
    """Whoever hears replies lifts it, with the person's own message."""
    business = factories.make_business()
    role.execute(
        "INSERT INTO contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref)"
        " VALUES (%s, '+5511987654321', 'asked', 'member', '', '')",
        [business.pk],
    )
    with pytest.raises(psycopg.Error):
        role.execute("UPDATE contacts_stop SET lifted_at = now(), lifted_ref = 'A1'")
    assert Stop.objects.get().lifted_at is None


def test_rows_are_read_and_written_all_the_same(role: psycopg.Connection) -> None:
    factories.make_delivery(
        factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    )
    assert role.execute("UPDATE campaigns_delivery SET status = 'sending'").rowcount == 1
    assert Delivery.objects.get().status == Status.SENDING
