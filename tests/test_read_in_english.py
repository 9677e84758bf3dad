"""Mails, spreadsheets and what the support did are read in English by who reads English, whoever wrote them."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import override
from openpyxl import load_workbook

from blu.accounts import invitations
from blu.accounts.adapter import AccountAdapter
from blu.accounts.admin_base import Did
from blu.accounts.models import Invitation, Role, User
from campaigns.alerts import emails
from campaigns.models import Campaign, Delivery, Reply, SessionAlert
from campaigns.models.ledger_states import Reason, Status
from campaigns.reports import export_sheet, exports
from contacts.imports import column_mapping, problem_sheet
from contacts.models import Import, ImportProblem
from contacts.spreadsheets.header import Column, Field, Header
from contacts.spreadsheets.labels import REASONS
from sessions.models import WhatsAppSession
from sessions.states import State
from tests import factories
from tests.clients import Client
from tests.language.readers import portuguese_in

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE / "templates")
# Said by `blu.accounts` and `campaigns` themselves; all others are allauth's.
OURS = {
    "accounts/email/invitation.txt",
    "accounts/email/access_touched.txt",
    "campaigns/alerts/email/session_alert.txt",
}
LAYOUTS = {"account/email/base_message.txt", "account/email/base_notification.txt"}
THEIRS = sorted(
    {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.glob("*/email/*.txt")}
    - OURS
    - LAYOUTS
)
PREFIXES = sorted({name.rsplit("_", 1)[0] for name in THEIRS})


@pytest.fixture
def reader() -> User:
    """An owner who reads English, and nothing of whose is Portuguese."""
    business = factories.make_business("Horizon Clinic")
    user = factories.confirm(factories.make_user("ann@example.com", name="Ann", language="en"))
    return factories.make_membership(business, user=user).user


@pytest.fixture
def session(reader: User) -> WhatsAppSession:
    return factories.make_session(reader.businesses.get(), name="Front desk")


def in_english(sent: EmailMessage) -> None:
    assert portuguese_in(f"{sent.subject}\n{sent.body}") == []
    with override("pt-br"):
        assert sent.subject


def test_portuguese_is_seen_in_a_text() -> None:
    assert portuguese_in("Your WhatsApp. Nothing is wrong.") == []
    assert portuguese_in("Foi o suporte do blü, today.")
    assert portuguese_in("Status: lido")


# Mails


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_mail_about_ones_account_is_in_ones_own_language(reader: User, prefix: str) -> None:
    """Asked for on a Portuguese page, perhaps by somebody else."""
    context = {
        "user": reader, "email": reader.email, "activate_url": "https://blu/1", "ip": "192.0.2.1",
        "password_reset_url": "https://blu/2", "signup_url": "https://blu/3", "from_email": "a@example.com",
        "to_email": "b@example.com", "deleted_email": "c@example.com", "take_back_url": "https://blu/4",
        "new_password_url": "https://blu/5", "timestamp": timezone.now(), "until": timezone.now(),
        "user_agent": "Firefox",
    }  # fmt: skip
    adapter = AccountAdapter()
    for given in (context, {key: said for key, said in context.items() if key != "user"}):
        in_english(adapter.render_mail(prefix, reader.email, given))
    reader.language = "pt-br"
    assert portuguese_in(str(adapter.render_mail(prefix, reader.email, context).body))


def test_what_support_did_is_told_in_the_language_of_whom_it_concerns(
    client: Client, staff: User, reader: User, django_capture_on_commit_callbacks
) -> None:
    address = reader.emailaddress_set.get()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            f"/admin/account/emailaddress/{address.pk}/change/", {"email": "new@example.com"}
        )
    assert mail.outbox
    for sent in mail.outbox:
        in_english(sent)


@pytest.mark.parametrize("has_account", [True, False])
def test_an_invitation_is_in_the_language_of_its_reader_or_of_its_writer(
    reader: User, has_account: bool
) -> None:
    other = factories.make_business("Corner Bakery")
    owner = factories.make_membership(other, user=factories.make_user(name="Bob")).user
    email = reader.email if has_account else "somebody@example.com"
    made = Invitation.objects.create(business=other, email=email, role=Role.OWNER, invited_by=owner)
    with override("pt-br" if has_account else "en"):
        assert invitations.mail(made)
    in_english(mail.outbox[0])


TOLD = [
    *((SessionAlert.Kind.AWAY, state) for state in State),
    (SessionAlert.Kind.PHONE, State.RESTING),
]


@pytest.mark.parametrize(("kind", "state"), TOLD)
def test_an_alert_is_written_to_each_owner_in_their_language(
    session: WhatsAppSession, kind: str, state: str
) -> None:
    other = factories.make_user("bia@example.com", language="pt-br")
    factories.make_membership(session.business, user=other)
    campaign = factories.make_campaign(session.business, "running", session=session)
    factories.make_delivery(campaign)
    factories.lead(session, state)
    alert = SessionAlert.objects.create(session=session, kind=kind, since=timezone.now())
    assert emails.mail_owners(alert.pk)
    by_reader = {sent.to[0]: sent for sent in mail.outbox}
    assert by_reader.keys() == {"ann@example.com", "bia@example.com"}
    in_english(by_reader["ann@example.com"])
    assert portuguese_in(str(by_reader["bia@example.com"].body))


def test_the_language_of_a_reader_is_that_of_the_pages_that_they_read(client: Client) -> None:
    member = factories.make_membership()
    client.force_login(member.user)
    for language in ("en", "pt-br"):
        client.post("/idioma/", {"language": language})
        client.get("/", follow=True)
        member.user.refresh_from_db()
        assert member.user.language == language


def test_who_signs_up_on_an_english_page_reads_english(client: Client) -> None:
    with override("en"):
        assert factories.make_user().language == "en"
    assert factories.make_user().language == "pt-br"


# Spreadsheets


def words(content: bytes) -> str:
    """All that stands in a spreadsheet, and the names of its sheets."""
    book = load_workbook(io.BytesIO(content))
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
    return "\n".join([*book.sheetnames, *(str(cell) for row in rows for cell in row if cell)])


def test_every_module_that_writes_a_spreadsheet_is_read_here() -> None:
    product = [
        path
        for room in ("blu", "contacts", "campaigns", "sessions")
        for path in (settings.BASE / room).rglob("*.py")
        if "bench" not in path.parts
    ]
    writing = {path.stem for path in product if "import xlsxwriter" in path.read_text("utf-8")}
    assert writing == {"answer_sheet", "export_sheet", "problem_sheet"}


def test_the_spreadsheet_of_a_campaign_is_in_the_language_of_who_asked(
    session: WhatsAppSession, django_capture_on_commit_callbacks
) -> None:
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    for status in (Status.QUEUED, *factories._WAY):
        for reason in Reason.values if status == Status.FAILED else [""]:
            contact = factories.make_contact(session.business, "Ann Smith")
            factories.make_delivery(campaign, contact, status, reason=reason)
    replied = Delivery.objects.filter(status=Status.READ).get()
    Reply.objects.create(
        business=session.business, session=session, message_id="A1", phone=replied.phone,
        contact=replied.contact, delivery=replied, text="Yes please", at=timezone.now(),
        earlier=[{"text": "Yes", "at": timezone.now().isoformat()}],
    )  # fmt: skip
    Delivery.objects.filter(pk=replied.pk).update(replied_at=timezone.now())
    for language, is_english in (("en", True), ("pt-br", False)):
        with override(language):
            prepared = exports.prepared_for(campaign)
        export_sheet.export(campaign.pk, language)
        content = b"".join(prepared.open())
        assert (portuguese_in(words(content)) == []) == is_english


def test_the_spreadsheet_of_what_to_mend_is_in_the_language_of_who_asked(reader: User) -> None:
    found = Import(business=reader.businesses.get(), header_row=1)
    columns = (Column(0, "Name", Field.NAME), Column(1, "Phone", Field.PHONE))
    found.columns = {"columns": column_mapping.columns_of(Header(1, columns))}
    problems = [
        ImportProblem(row=number, reason=reason, values=["Ann", "12"])
        for number, reason in enumerate(REASONS, 2)
    ]
    for language, is_english in (("en", True), ("pt-br", False)):
        out = io.BytesIO()
        with override(language):
            problem_sheet.write(found, problems, out)
        assert (portuguese_in(words(out.getvalue())) == []) == is_english


# What the support did


def test_what_an_action_did_is_kept_as_a_code_and_read_in_ones_own_language(
    client: Client, staff: User, reader: User
) -> None:
    address = reader.emailaddress_set.get()
    address.verified = False
    address.save()
    ticked = {"action": "make_verified", "_selected_action": [str(address.pk)], "post": "yes"}
    client.post("/admin/account/emailaddress/", ticked)
    assert LogEntry.objects.get(object_id=str(address.pk)).change_message == Did.VERIFIED
    history = f"/admin/account/emailaddress/{address.pk}/history/"
    assert "Marcou como confirmado." in client.get(history).content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(history).content.decode()
    assert "Marcou como confirmado." not in page
    with override("en"):
        assert str(Did.VERIFIED.label) in page
