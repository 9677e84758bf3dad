"""After an erasure no column of any table holds the person: their number, name or words."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from blu.accounts.models import Membership
from blu.text.phone import read_phone
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Decision, Delivery, Hold, Notice, NumberProof, Reply
from campaigns.models.ledger_states import Status
from campaigns.reports import funnel
from contacts import consent, evidence
from contacts.erasure.services import erase
from contacts.models import (
    Contact,
    ErasedConsent,
    Erasure,
    Import,
    ImportProblem,
    PreferenceChange,
    Source,
    Stop,
)
from contacts.people.services import add_contact, correct_number
from contacts.person_requests.services import ask
from sessions.events import Address, Incoming, Text
from sessions.models import Chat
from tests import factories
from tests.clients import Client
from tests.everywhere import columns, places_of

pytestmark = pytest.mark.django_db

PHONE, BEFORE, NAME, LID = "+5511987654321", "+5511976543210", "Marialva Quintanilha", "90017445566"
# Whatever of the person stands somewhere, in every form in which it is written.
TRACES = [
    "11987654321", "1187654321", "11976543210", "98765-4321", "marialva", "quintanilha", LID,
    "mariazinha", "ipiranga 77", "vou atrasar hoje", "não conheço vocês", "sair disso", "ficha 313",
]  # fmt: skip


@pytest.fixture
def person(owner: Membership) -> Contact:
    """Somebody of whom every table holds something."""
    business, topic = owner.business, factories.make_topic(owner.business)
    old = add_contact(business=business, phone=read_phone(BEFORE), name=NAME)
    paper = {"source": Source.PAPER, "actor": owner.user}
    consent.grant(contact=old, topic=topic, evidence=evidence.note("ficha 313"), **paper)  # type: ignore[arg-type]
    contact = correct_number(contact=old, phone=read_phone(PHONE), actor=owner.user)
    contact.attributes, contact.tags = {"rua": "Ipiranga 77"}, ["da Marialva"]
    contact.save()
    consent.grant(contact=contact, topic=topic, evidence=evidence.note("ficha 313"), **paper)  # type: ignore[arg-type]
    session = factories.make_session(business)
    Chat.objects.create(
        session=session,
        phone=PHONE,
        wa_id="551187654321",
        lid=LID,
        username="mariazinha",
        opened_at=timezone.now(),
    )
    Chat.objects.create(session=factories.make_session(business), lid=LID)
    for status in (*Status.values,):
        campaign = factories.make_campaign(
            business, Campaign.Status.RUNNING, topic=topic, session=session
        )
        row = factories.make_delivery(
            campaign, contact, Status.UNCERTAIN if status == Status.SENDING else status
        )
        Decision.objects.create(delivery=row, arrived=True, reason="Marialva disse que sim")
    hear = LedgerOutbox().record_event
    for number, text in enumerate(("vou atrasar hoje", "não conheço vocês", "quero SAIR disso")):
        hear(session.pk, Incoming(Address(PHONE), f"M{number}", Text(text), timezone.now()))
    hear(
        session.pk,
        Incoming(
            Address(PHONE), "M0", Text("Mariazinha: vou atrasar muito"), timezone.now(), edited=True
        ),
    )
    factories.make_notice(session, phone=PHONE)
    upload = Import.objects.create(
        business=business, file_name="lista.xlsx", status=Import.Status.DONE,
        findings={"problems": [{"row": 3, "values": [NAME, "(11) 98765-4321"]}], "rows": 9},
    )  # fmt: skip
    ImportProblem.objects.create(
        source=upload, row=3, reason="invalid", values=["x", "(11) 98765-4321"]
    )
    ImportProblem.objects.create(source=upload, row=4, reason="invalid", values=[NAME, "123"])
    ImportProblem.objects.create(source=upload, row=5, reason="invalid", values=["Bruno", "123"])
    factories.make_evidence(session.link)
    words = factories.make_opt_in_text(topic)
    factories.make_opt_in(words, phone=PHONE, name=NAME)
    PreferenceChange.objects.create(
        business=business, contact=contact, what="stopped", link_from="message"
    )
    ask(business=business, kind="access", contact=contact, note="Marialva ligou")
    ask(business=business, kind="stop", phone=BEFORE, note="da ficha 313")
    return contact


def look(client: Client, contact: Contact) -> None:
    """What pages remember of whom they showed is in a table as well."""
    campaign = Campaign.objects.order_by("pk").first()
    assert campaign
    for path in (
        f"contatos/{contact.pk}/", "contatos/?q=Marialva", "respostas/", "respostas/decidir/", "", "pedidos/",
        f"campanhas/{campaign.pk}/", f"campanhas/{campaign.pk}/?q=Marialva", "importacoes/",
    ):  # fmt: skip
        assert client.get(f"/{path}", follow=True).status_code in (200, 404), path


def log_of_support(contact: Contact) -> None:
    LogEntry.objects.log_actions(factories.make_user().pk, [contact], 2, "Mudou Marialva")


def erased(contact: Contact, owner: Membership) -> None:
    erase(business=contact.business, contact=contact, actor=owner.user)


def settle_all() -> None:
    """What was in doubt is proven meanwhile."""
    for row in Delivery.objects.filter(status=Status.UNCERTAIN):
        Delivery.objects.filter(pk=row.pk).update(
            status=Status.SENT, message_id=f"P{row.pk}", sent_at=timezone.now()
        )


def test_every_trace_stands_somewhere_before(person: Contact) -> None:
    log_of_support(person)
    found = places_of(TRACES)
    assert {place.partition(": ")[2] for place in found} == {text.lower() for text in TRACES}
    tables = {place.partition(".")[0] for place in found}
    assert {
        "contacts_contact", "contacts_consent", "contacts_stop", "contacts_import", "contacts_importproblem",
        "campaigns_delivery", "campaigns_reply", "campaigns_hold", "campaigns_notice", "campaigns_numberproof",
        "campaigns_decision", "wa_sessions_chat", "django_admin_log", "contacts_optin", "contacts_personrequest",
    } <= tables  # fmt: skip


def test_no_column_of_any_table_holds_an_erased_person(
    person: Contact, owner: Membership, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    log_of_support(person)
    look(client, person)
    with django_capture_on_commit_callbacks(execute=True):
        erased(person, owner)
    settle_all()
    assert places_of(TRACES) == set()


def test_what_may_be_on_the_wire_keeps_its_number_until_that_is_known(
    person: Contact, owner: Membership
) -> None:
    erased(person, owner)
    left = places_of(TRACES)
    assert {place.partition(":")[0] for place in left} == {
        "campaigns_delivery.phone",
        "campaigns_delivery.variables",
    }
    assert set(Delivery.objects.exclude(phone="").values_list("status", flat=True)) == {
        Status.UNCERTAIN
    }
    assert Erasure.objects.get().under_way == 2


def test_every_table_with_words_is_looked_through() -> None:
    found = {table for table, _column, _kind in columns()}
    assert {
        "campaigns_reply",
        "contacts_contact",
        "blu_cache",
        "django_q_ormq",
        "django_session",
    } <= found


def test_the_numbers_of_a_campaign_stay(person: Contact, owner: Membership) -> None:
    campaigns = list(Campaign.objects.order_by("pk"))
    before = [funnel.fresh(one) for one in campaigns]
    erased(person, owner)
    after = [funnel.fresh(Campaign.objects.get(pk=one.pk)) for one in campaigns]
    moved = {"queued", "skipped", "held"}
    for was, now in zip(before, after, strict=True):
        same = {name: value for name, value in vars(was).items() if name not in moved}
        assert same == {name: value for name, value in vars(now).items() if name not in moved}
    assert sum(one.opted_out for one in after) == 1
    assert not Delivery.objects.filter(status=Status.QUEUED).exists()


def test_others_stay_as_they_were(person: Contact, owner: Membership) -> None:
    other = factories.make_contact(owner.business, "Bruno Tavares")
    campaign = Campaign.objects.first()
    assert campaign
    row = factories.make_delivery(campaign, other)
    stranger = factories.make_contact(factories.make_business(), NAME, phone=PHONE)
    erased(person, owner)
    row.refresh_from_db()
    assert (row.contact, row.phone, row.variables) == (
        other,
        other.phone,
        {"nome": "Bruno Tavares"},
    )
    assert list(Contact.objects.order_by("pk")) == [other, stranger]
    assert ImportProblem.objects.get().values == ["Bruno", "123"]


def test_what_stays_is_a_hash_topic_and_time(person: Contact, owner: Membership) -> None:
    said = list(person.consents.order_by("pk").values_list("topic", "state", "at"))
    erased(person, owner)
    rows = ErasedConsent.objects.order_by("pk")
    assert set(said) <= set(rows.values_list("topic", "state", "at"))
    (row,) = Erasure.objects.all()
    assert (row.by, row.actor, row.contacts) == ("owner", owner.user, 2)
    assert {one.person for one in rows} == {row.person}
    assert f"hash:{row.person}" in Stop.objects.values_list("key", flat=True)
    assert set(Stop.objects.values_list("why", flat=True)) == {Stop.Why.ERASED}
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256(%s), 'hex')", [PHONE.encode()])
        assert cursor.fetchone() != (row.person,), "who has the database tries all numbers"


def test_sheets_that_hold_the_person_are_deleted(
    person: Contact, owner: Membership, django_capture_on_commit_callbacks: Any
) -> None:
    campaign = Campaign.objects.first()
    assert campaign
    sheet = default_storage.save(
        f"exports/campaign-{campaign.pk}-pt.xlsx", ContentFile(b"Marialva")
    )
    other = default_storage.save("exports/campaign-999999-pt.xlsx", ContentFile(b"x"))
    try:
        with django_capture_on_commit_callbacks(execute=True):
            erased(person, owner)
        assert not default_storage.exists(sheet)
        assert default_storage.exists(other)
    finally:
        default_storage.delete(sheet)
        default_storage.delete(other)


def test_nothing_else_is_left_of_them(person: Contact, owner: Membership) -> None:
    erased(person, owner)
    assert not Reply.objects.exists()
    assert not Hold.objects.exists()
    assert not PreferenceChange.objects.exists()
    assert not NumberProof.objects.exists()
    assert set(Notice.objects.values_list("phone", "text")) == {("", "")}
    (chat,) = Chat.objects.all()
    assert (chat.phone, chat.lid) == ("", f"erased-{chat.pk}"), (
        "opened by us: it counts in today's quota"
    )
