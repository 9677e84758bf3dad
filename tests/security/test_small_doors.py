"""Doors that a reader found beside those of the review: mails, invitations, counts, lists, odd digits."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as conf
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from blu.accounts import invitations
from blu.accounts.models import Membership, Role, User
from blu.accounts.refused import Refused
from blu.db.cached_by_cost import pages
from blu.dispatch import dispatcher
from blu.ops import dev_secrets
from blu.text.network import unmapped
from campaigns.models import Campaign, NumberProof
from campaigns.notices import own_number
from campaigns.reports import export_sheet, exports
from contacts.erasure.services import erase
from contacts.imports import job, problem_exports
from contacts.imports.uploads import import_file
from contacts.models import Contact, Import, OptIn, OptInText
from contacts.optin import asking, confirming
from contacts.takeout import services as takeouts
from tests import factories, support
from tests.clients import Client
from tests.factories import confirm, make_membership

pytestmark = pytest.mark.django_db
THOUSANDS = "9" * 5_000  # digits, more than Python reads as a number
ARABIC = "١٢٣٤٥٦"


@pytest.fixture
def owner() -> Membership:
    return confirm_owner(make_membership())


def confirm_owner(membership: Membership) -> Membership:
    confirm(membership.user)
    return membership


def test_who_was_switched_off_makes_no_owners_by_what_they_had_sent(owner: Membership) -> None:
    invitation = invitations.invite(
        business=owner.business, email="cumplice@exemplo.com.br", role=Role.OWNER, by=owner.user
    )
    key = invitations.key_of(invitation)
    friend = factories.make_user("cumplice@exemplo.com.br")
    User.objects.filter(pk=owner.user.pk).update(is_active=False)
    with pytest.raises(Refused, match="cancelado"):
        invitations.accept(key=key, user=friend)
    User.objects.filter(pk=owner.user.pk).update(is_active=True)
    assert invitations.accept(key=key, user=friend).role == Role.OWNER


@pytest.mark.parametrize("host", ["localhost:4444", "127.0.0.1"])
def test_links_in_mails_lead_to_our_own_address(owner: Membership, host: str) -> None:
    """Not to the one that the request for the mail had: its port is the visitor's to choose."""
    client = Client()
    client.post(
        reverse("account_reset_password"), {"email": owner.user.email}, headers={"host": host}
    )
    client.force_login(owner.user)
    support.confirm_again(client, owner.user)
    new = {"email": "nova@exemplo.com.br", "action_add": ""}
    client.post(reverse("account_email"), new, headers={"host": host})
    reset, confirmation = (str(one.body) for one in mail.outbox)
    assert f"{conf.PUBLIC_URL}/conta/senha/nova/" in reset
    assert f"{conf.PUBLIC_URL}/conta/email/confirmar/" in confirmation
    assert host not in (reset + confirmation).replace(conf.PUBLIC_URL, "")


def test_one_person_has_few_mails_sent_to_strangers(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(owner.user)
    support.confirm_again(client, owner.user)
    at = timezone.now().timestamp()
    for number in range(40):
        monkeypatch.setattr(
            "allauth.core.internal.ratelimit.time.time", lambda n=number: at + 7 * n
        )
        new = {"email": f"estranha{number}@exemplo.com.br", "action_add": ""}
        client.post(reverse("account_email"), new)
    assert len(mail.outbox) <= 30


def test_a_viewer_takes_no_whole_list_of_people_by_the_api(owner: Membership) -> None:
    campaign = factories.make_campaign(owner.business, Campaign.Status.RUNNING)
    factories.make_delivery(campaign)
    viewer = make_membership(owner.business, Role.VIEWER).user
    answers = {}
    for user in (viewer, owner.user):
        client = Client()
        client.force_login(user)
        prefix = f"/n/{owner.business.slug}/api/v1/"
        mine = f"campaigns/{campaign.pk}/"
        paths = ("replies/", f"{mine}deliveries/", f"{mine}report/", mine)
        answers[user] = [client.get(prefix + path).status_code for path in paths]
    assert answers == {viewer: [403, 403, 200, 200], owner.user: [200, 200, 200, 200]}


def test_a_passkey_that_is_no_passkey_is_refused_in_words(client: Client) -> None:
    for sent in (THOUSANDS, "[" * 100_000, '{"rawId": ' + THOUSANDS + "}", "null", "[]"):
        answer = client.post(reverse("mfa_login_webauthn"), {"credential": sent[:65_000]})
        assert answer.status_code < 500


def test_digits_of_other_scripts_are_no_code(owner: Membership) -> None:
    session = factories.make_session(owner.business)
    NumberProof.objects.create(
        membership=owner, session=session, how="code", phone="+5511987654321", code="123456"
    )
    with pytest.raises(Refused):
        own_number.confirm(membership=owner, typed=ARABIC)
    text = factories.make_opt_in_text(factories.make_topic(owner.business))
    wish = factories.make_opt_in(text)
    OptIn.objects.filter(pk=wish.pk).update(typed_code="123456", code_asked_at=timezone.now())
    with pytest.raises(Refused):
        confirming.by_typed_code(wish, ARABIC)


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("testserver", "testserver"),
    ],
)
def test_an_address_of_the_old_kind_is_one_however_it_is_written(
    written: str, counted: str
) -> None:
    assert unmapped(written) == counted


def test_visitors_behind_a_socket_of_both_kinds_are_told_apart() -> None:
    origins = {asking.origin_of(f"::ffff:203.0.113.{number}") for number in range(5)}
    assert len(origins) == 5
    assert asking.origin_of("::ffff:203.0.113.1") == asking.origin_of("203.0.113.1")


def test_web_sessions_that_expired_are_deleted(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    Session.objects.create(
        session_key="x" * 32, session_data="", expire_date=timezone.now() - timedelta(seconds=1)
    )
    pages.delete("web-sessions-swept")
    assert dispatcher.tidy_web_sessions() == 1
    assert Session.objects.count() == 1


def test_the_file_with_all_is_kept_by_no_cache(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeouts, "opened", lambda _business: BytesIO(b"PK"))
    client: Any = Client()
    client.force_login(owner.user)
    support.confirm_again(client, owner.user)
    answer = client.get(owner.business.address("takeout_file"))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_what_somebody_signed_in_is_answered_is_theirs_alone(owner: Membership) -> None:
    client: Any = Client()
    client.force_login(owner.user)
    for path in (
        owner.business.address("contact_list"),
        owner.business.address("contact_list").replace("/contatos/", "/api/v1/contacts/"),
        "/conta/senha/trocar/",
        "/nada/",
    ):
        said = client.get(path)["Cache-Control"]
        assert "private" in said, path
        assert "no-store" in said or "no-cache" in said, path


def denied(role: str, statement: str) -> bool:
    """Whether the database refuses a statement of one of its users, which changes no row."""
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(conf.VAR, role, database=name)
    with psycopg.connect(url) as line:
        try:
            line.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
        finally:
            line.rollback()
    return False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["blu_web", "blu_jobs", "blu_host"])
def test_no_role_writes_anew_what_was_written_down(role: str) -> None:
    tables = connection.introspection.table_names()
    histories = [table for table in tables if "_historical" in table]
    assert len(histories) >= 4
    for table in histories:
        assert denied(role, f"UPDATE {table} SET history_date = now() WHERE false"), table
        assert denied(role, f"DELETE FROM {table} WHERE false"), table
    assert denied(role, "DELETE FROM django_migrations WHERE false")


@pytest.mark.django_db(transaction=True)
def test_who_drives_links_changes_no_account() -> None:
    tables = connection.introspection.table_names()
    accounts = [
        table
        for table in tables
        if table.startswith(("accounts_", "account_", "auth_", "mfa_")) and table != "accounts_turn"
    ]
    assert len(accounts) > 10
    for table in accounts:
        assert denied("blu_host", f"DELETE FROM {table} WHERE false"), table
    assert denied("blu_host", "UPDATE accounts_user SET is_superuser = true WHERE false")
    assert denied("blu_host", "UPDATE accounts_membership SET role = 'owner' WHERE false")
    assert denied("blu_host", "SELECT data FROM mfa_authenticator WHERE false")


# What comes and goes with driving, and the caches' tables.
DELETED_BY_HOSTS = {
    "accounts_turn", "blu_cache", "blu_limits", "campaigns_earlyreceipt", "campaigns_hold", "campaigns_reply", "wa_sessions_browserlook",
    "wa_sessions_chat", "wa_sessions_homearchive", "wa_sessions_pageevidence", "wa_sessions_runner",
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_who_drives_links_deletes_only_what_comes_and_goes_with_driving() -> None:
    tables = set(connection.introspection.table_names())
    assert tables > DELETED_BY_HOSTS
    for table in tables - DELETED_BY_HOSTS:
        assert denied("blu_host", f"DELETE FROM {table} WHERE false"), table
    assert denied("blu_host", "SELECT password FROM accounts_user WHERE false")
    assert not denied("blu_host", "SELECT id, email FROM accounts_user WHERE false")


def test_a_file_that_was_being_written_while_somebody_was_erased_is_not_offered(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = factories.make_contact(owner.business, "Marialva")
    write = takeouts.write

    def slow(*given: Any) -> None:
        write(*given)
        erase(business=owner.business, contact=ana)

    monkeypatch.setattr(takeouts, "write", slow)
    takeouts.make(owner.business.pk)
    assert takeouts.opened(owner.business) is None
    monkeypatch.setattr(takeouts, "write", write)
    takeouts.make(owner.business.pk)
    assert takeouts.opened(owner.business) is not None


def test_a_campaigns_sheet_that_was_being_written_then_is_not_offered_either(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = factories.make_campaign(owner.business, Campaign.Status.RUNNING)
    ana = factories.make_contact(owner.business, "Marialva")
    factories.make_delivery(campaign, ana)
    fill = export_sheet.fill

    def slow(*given: Any) -> None:
        fill(*given)
        erase(business=owner.business, contact=ana)

    monkeypatch.setattr(export_sheet, "fill", slow)
    export_sheet.export(campaign.pk, "pt-br")
    assert exports.prepared_for(campaign).open() is None


def test_a_sheet_of_an_imports_rows_is_another_once_somebody_was_erased(owner: Membership) -> None:
    upload = Import.objects.create(business=owner.business, file_name="a.csv", stored_as="a.csv")
    before = problem_exports.sheet_of(upload, "blu.tasks.export_problems").name
    erase(business=owner.business, contact=factories.make_contact(owner.business))
    assert problem_exports.sheet_of(upload, "blu.tasks.export_problems").name != before


def test_the_page_of_one_business_blocks_a_number_at_no_other(owner: Membership) -> None:
    theirs, ours = (
        factories.make_opt_in_text(factories.make_topic(business))
        for business in (factories.make_business(), owner.business)
    )
    who = {"name": "Lúcia", "phone": "+5511987654321"}

    def ask(text: OptInText, times: int) -> None:
        for number in range(times):
            asking.ask(text=text, address=f"203.0.113.{number}", **who)

    ask(theirs, asking.FOR_ONE_NUMBER)
    with pytest.raises(Refused):
        ask(theirs, 1)
    ask(ours, 1)


def test_an_import_that_has_ended_keeps_no_number_that_was_chosen(
    owner: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = job._write_chunks

    def chosen(upload: Import) -> None:
        upload.columns = upload.columns | {"choices": {"2": "+5511912345678"}}
        Import.objects.filter(pk=upload.pk).update(columns=upload.columns)
        write(upload)

    monkeypatch.setattr(job, "_write_chunks", chosen)
    path = tmp_path / "lista.csv"
    path.write_text("Nome;Telefone\nAna;(11) 98765-4321 / (11) 91234-5678\n")
    done = import_file(business=owner.business, path=path)
    assert Contact.objects.filter(phone="+5511912345678").exists()
    assert "choices" not in Import.objects.get(pk=done.pk).columns
