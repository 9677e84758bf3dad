"""A contact's number never changes under its consents, by no door; a SAIR is neither undone nor unheard.

Numbers stand under consents, sendings and stops. Every address that takes a contact, every form, every
field of the API and every page of the admin is taken from the code, and PostgreSQL refuses whoever
finds another way.
"""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django import forms
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from rest_framework import serializers

from blu.accounts.models import Membership, Role
from blu.text.phone import Phone
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Notice, Reply
from campaigns.models.ledger_states import Reason, Status
from campaigns.replies.incoming import hear_reply
from contacts import consent
from contacts.evidence import message
from contacts.imports.declarations import Declaration
from contacts.imports.job import run_import
from contacts.imports.uploads import receive_upload, start_import
from contacts.models import Consent, Contact, Source, State, Subscription
from contacts.people.forms import ContactForm
from contacts.people.services import correct_number
from sessions.events import Address, Incoming, Text
from sessions.models import Chat
from tests import factories
from tests.clients import Client
from tests.isolation import declared, scan
from tests.isolation.world import make_world
from tests.leasing import hold

pytestmark = pytest.mark.django_db

OTHER = "+5521977770001"
OLD, NEW = "+5511987654321", "+5511912345678"


@pytest.fixture
def receptionist(client: Client) -> Membership:
    membership = factories.make_membership(role=Role.RECEPTIONIST)
    client.force_login(membership.user)
    return membership


@pytest.fixture
def campaign() -> Campaign:
    return factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)


def correct(contact: Contact, phone: str = NEW) -> Contact:
    actor = factories.make_user()
    return correct_number(contact=contact, phone=Phone(phone), actor=actor)


def hear(campaign: Campaign, phone: str, text: str, message_id: str = "A1") -> Reply | None:
    assert campaign.session_id is not None
    incoming = Incoming(Address(phone), message_id, Text(text), timezone.now())
    return hear_reply(session_id=campaign.session_id, incoming=incoming)


def numbers() -> dict[int, str]:
    return dict(Contact.objects.values_list("pk", "phone"))


def granted(contact: Contact) -> bool:
    return contact.subscriptions.filter(state=State.GRANTED).exists()


# -- The doors, taken from the code


def test_no_address_changes_the_number_of_a_contact(client: Client) -> None:
    world = make_world("jabuticaba")
    client.force_login(world.membership.user)
    before = numbers()
    sent = dict.fromkeys(("phone", "telefone", "contact-phone"), OTHER) | {"name": "Ana"}
    tried = 0
    for route, keys in declared.ROUTES.items():
        if "contact" in keys.values() or route.startswith("api_"):
            address = world.address(route)
            client.post(address, sent)
            for method in (client.put, client.patch):
                method(address, sent, content_type="application/json")
            tried += 1
    assert tried > 5
    after = numbers()
    assert {pk: after[pk] for pk in before} == before


def test_no_form_holds_the_number_of_a_contact_that_is_there(campaign: Campaign) -> None:
    """There is no model form over contacts, and the one of the pages drops the number when it edits."""
    contact = factories.make_contact(campaign.business)
    taking_one = [form for form in scan.subclasses(forms.BaseForm) if issubclass(form, ContactForm)]
    for form in taking_one:
        assert "phone" not in form(business=campaign.business, contact=contact).fields
    over_contacts = [
        form.__name__
        for form in scan.subclasses(forms.BaseForm)
        if getattr(getattr(form, "_meta", None), "model", None) is Contact
    ]
    assert over_contacts == []


def test_the_admin_and_the_api_show_the_number_and_take_none(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = factories.make_user(is_staff=True, is_superuser=True)
    editable = []
    for model, shown in admin.site._registry.items():
        inlines = shown.get_inline_instances(request, model())
        fields = (
            shown.get_form(request, model(), change=True).base_fields if model is Contact else {}
        )
        editable += [f"{shown}.{name}" for name in fields if name in ("phone", "replaced_by")]
        editable += [
            f"{inline}" for inline in inlines if inline.model is Contact and inline.can_delete
        ]
    assert editable == []
    over_contacts = [
        serializer.__name__
        for serializer in scan.subclasses(serializers.ModelSerializer)
        if getattr(getattr(serializer, "Meta", None), "model", None) is Contact
    ]
    assert over_contacts == []


def test_an_import_never_changes_a_number(campaign: Campaign, tmp_path: Any) -> None:
    contact = factories.make_contact(campaign.business, "Ana", phone=OLD)
    sheet = tmp_path / "lista.csv"
    sheet.write_text(f"id;Nome;Telefone\n{contact.pk};Ana;(11) 91234-5678\n")
    bring(campaign, sheet)
    contact.refresh_from_db()
    assert contact.phone == OLD
    assert Contact.objects.filter(phone=NEW).exists()


def bring(campaign: Campaign, sheet: Any, *, yes: bool = False) -> None:
    actor = factories.make_user()
    upload = receive_upload(business=campaign.business, path=sheet, name="lista.csv", actor=actor)
    run_import(upload.pk)
    upload.refresh_from_db()
    declaration = None
    if yes and campaign.topic:
        declaration = Declaration(campaign.topic, Source.PAPER, "Autorizo.")
    start_import(upload=upload, actor=actor, declaration=declaration)
    run_import(upload.pk)


def _raw(contact: Contact) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET phone = %s", [contact.phone])


WAYS = {
    "save": lambda contact: contact.save(),
    "update": lambda contact: Contact.objects.filter(pk=contact.pk).update(phone=contact.phone),
    "bulk_update": lambda contact: Contact.objects.bulk_update([contact], ["phone"]),
    "raw": _raw,
}


@transaction.atomic
def _tried(way: str, contact: Contact) -> None:
    WAYS[way](contact)


@pytest.mark.parametrize("way", WAYS)
def test_the_database_refuses_every_other_way(campaign: Campaign, way: str) -> None:
    contact = factories.make_contact(campaign.business, phone=OLD)
    contact.phone = OTHER
    with pytest.raises(IntegrityError, match="never changes"):
        _tried(way, contact)
    assert Contact.objects.get(pk=contact.pk).phone == OLD


@pytest.mark.django_db(transaction=True)
class TestAsTheRoleOfTheWeb:
    """Raw SQL as blu_web, the role of the pages and the workers."""

    def test_a_number_stays(self, as_blu_web: psycopg.Connection) -> None:
        contact = factories.make_contact(factories.make_business(), phone=OLD)
        for statement in (
            "UPDATE contacts_contact SET phone = %s",
            "INSERT INTO contacts_contact SELECT (c).* FROM (SELECT c FROM contacts_contact c) x"
            " ON CONFLICT (id) DO UPDATE SET phone = %s",
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                as_blu_web.execute(statement, [OTHER])
        assert Contact.objects.get(pk=contact.pk).phone == OLD

    def test_no_delivery_goes_to_another_number_than_that_of_whom_agreed(
        self, as_blu_web: psycopg.Connection
    ) -> None:
        running = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
        delivery = factories.make_delivery(running)
        claim = "UPDATE campaigns_delivery SET status = 'sending', phone = %s"
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute(claim, [OTHER])
        as_blu_web.execute("UPDATE campaigns_delivery SET phone = %s", [OTHER])
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute("UPDATE campaigns_delivery SET status = 'sending'")
        as_blu_web.execute(claim, [delivery.contact.phone])
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute("UPDATE campaigns_delivery SET phone = %s", [OTHER])
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute(
                "INSERT INTO campaigns_delivery SELECT (d).* FROM (SELECT jsonb_populate_record(d,"
                " jsonb_build_object('id', 0, 'contact_id', %s::bigint, 'phone', %s::text)) AS d"
                " FROM campaigns_delivery d) x",
                [factories.make_contact(running.business).pk, OTHER],
            )

    def test_a_contact_with_consents_is_not_deleted_from_under_them(
        self, as_blu_web: psycopg.Connection
    ) -> None:
        business = factories.make_business()
        factories.subscribe(factories.make_contact(business), factories.make_topic(business))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            as_blu_web.execute("DELETE FROM contacts_contact")

    def test_nothing_stands_for_a_number_that_was_corrected(
        self, as_blu_web: psycopg.Connection
    ) -> None:
        business = factories.make_business()
        contact, topic = factories.make_contact(business), factories.make_topic(business)
        other = factories.make_contact(business)
        factories.subscribe(contact, topic)
        with pytest.raises(psycopg.errors.CheckViolation):
            as_blu_web.execute(
                "UPDATE contacts_contact SET replaced_by_id = %s WHERE id = %s",
                [other.pk, contact.pk],
            )
        correct(contact)
        for statement in (
            "UPDATE contacts_subscription SET state = 'granted' WHERE contact_id = %(contact)s",
            "INSERT INTO contacts_subscription (business_id, contact_id, topic_id, state, by_contact, since)"
            " VALUES (%(business)s, %(contact)s, %(topic)s, 'granted', false, now())",
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                as_blu_web.execute(
                    statement,
                    {
                        "contact": contact.pk,
                        "business": business.pk,
                        "topic": factories.make_topic(business).pk,
                    },
                )

    def test_it_is_replaced_by_a_contact_of_the_same_business_only(
        self, as_blu_web: psycopg.Connection
    ) -> None:
        contact = factories.make_contact(factories.make_business())
        foreign = factories.make_contact(factories.make_business())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            as_blu_web.execute(
                "UPDATE contacts_contact SET replaced_by_id = %s WHERE id = %s",
                [foreign.pk, contact.pk],
            )


# -- Correcting a number


def test_a_corrected_number_is_another_contact_with_the_same_data_and_no_consent(
    client: Client, receptionist: Membership
) -> None:
    business = receptionist.business
    contact = factories.make_contact(
        business, "Lúcia", phone=OLD, tags=["vip"], attributes={"plano": "Família"}
    )
    topic = factories.make_topic(business)
    factories.subscribe(contact, topic)
    page = client.get(f"/contatos/{contact.pk}/editar/").content.decode()
    assert f"/contatos/{contact.pk}/numero/" in page
    assert 'name="phone"' not in page
    answer = client.post(f"/contatos/{contact.pk}/numero/", {"phone": "(11) 91234-5678"})
    successor = Contact.objects.get(phone=NEW)
    assert answer["Location"].endswith(f"/contatos/{successor.pk}/")
    assert (successor.name, successor.tags) == ("Lúcia", ["vip"])
    assert successor.attributes == {"plano": "Família"}
    assert not successor.consents.exists()
    contact.refresh_from_db()
    assert (contact.phone, contact.replaced_by) == (OLD, successor)
    last = contact.consents.latest("id")
    assert (last.state, last.source, last.actor) == (
        State.REVOKED,
        Source.NUMBER,
        receptionist.user,
    )
    shown = client.get(f"/contatos/{successor.pk}/").content.decode()
    assert "Pergunte de novo" in shown
    assert "Este número foi corrigido" in client.get(f"/contatos/{contact.pk}/").content.decode()


def test_who_has_the_number_already_is_shown_and_nothing_changes(
    client: Client, receptionist: Membership
) -> None:
    contact = factories.make_contact(receptionist.business, phone=OLD)
    holder = factories.make_contact(receptionist.business, "Rita", phone=NEW)
    before = list(Contact.objects.order_by("pk").values())
    for address in (f"/contatos/{contact.pk}/numero/", "/contatos/novo/"):
        page = client.post(address, {"phone": "11 91234-5678"}).content.decode()
        assert f'/contatos/{holder.pk}/"' in page
        assert "Outro contato já tem este telefone." in page
    assert list(Contact.objects.order_by("pk").values()) == before


def test_a_correction_by_mistake_is_corrected_back_and_the_consent_asked_for_anew(
    campaign: Campaign,
) -> None:
    contact = factories.make_contact(campaign.business, phone=OLD)
    assert campaign.topic is not None
    factories.subscribe(contact, campaign.topic)
    back = correct(correct(contact), OLD)
    assert back == contact
    contact.refresh_from_db()
    assert contact.replaced_by is None
    assert Contact.objects.get(phone=NEW).replaced_by == contact
    assert not granted(contact)


def test_who_was_corrected_back_has_not_asked_to_leave(client: Client, campaign: Campaign) -> None:
    contact = factories.make_contact(campaign.business, phone=OLD)
    assert campaign.topic is not None
    factories.subscribe(contact, campaign.topic)
    correct(correct(contact), OLD)
    client.force_login(factories.make_membership(campaign.business).user)
    page = client.get(f"/contatos/{contact.pk}/").content.decode()
    assert "O aceite do número de antes não vale para este." in page
    for shown in (page, client.get("/contatos/").content.decode()):
        assert "Não vale mais" in shown
        assert "Pediu para sair" not in shown


def test_a_viewer_corrects_no_number(client: Client) -> None:
    membership = factories.make_membership(role=Role.VIEWER)
    client.force_login(membership.user)
    contact = factories.make_contact(membership.business, phone=OLD)
    assert client.get(f"/contatos/{contact.pk}/numero/").status_code == 403
    assert client.post(f"/contatos/{contact.pk}/numero/", {"phone": NEW}).status_code == 403
    assert Contact.objects.count() == 1


def test_what_was_queued_for_the_old_number_is_skipped_and_its_page_says_why(
    client: Client, campaign: Campaign
) -> None:
    delivery = factories.make_delivery(campaign)
    correct(delivery.contact)
    token = hold(campaign.session_id)
    LedgerOutbox().next(token)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == (Status.SKIPPED, Reason.NO_CONSENT)
    member = factories.make_membership(campaign.business)
    client.force_login(member.user)
    page = client.get(f"/campanhas/{campaign.pk}/destinatarios/{delivery.pk}/").content.decode()
    assert "O número deste contato foi corrigido" in page
    assert "Pediu para sair" not in page


def test_a_replaced_contact_is_in_no_audience_and_no_list(client: Client) -> None:
    member = factories.make_membership()
    client.force_login(member.user)
    contact = factories.make_contact(member.business, "Lúcia Prado", phone=OLD)
    factories.subscribe(contact, factories.make_topic(member.business))
    successor = correct(contact)
    page = client.get("/contatos/").content.decode()
    assert f"/contatos/{successor.pk}/" in page
    assert f"/contatos/{contact.pk}/" not in page
    searched = client.get("/contatos/", {"q": "98765"}).content.decode()
    assert f"/contatos/{contact.pk}/" in searched
    assert "Número corrigido" in searched


# -- A SAIR is not undone


def test_a_stop_is_not_undone_by_way_of_another_number(
    client: Client, receptionist: Membership
) -> None:
    """The review's three clicks: the number to a dummy, a new contact with the old one, a consent."""
    business = receptionist.business
    contact = factories.make_contact(business, phone=OLD)
    topic = factories.make_topic(business)
    factories.subscribe(contact, topic)
    consent.revoke_all(contact=contact, source=Source.WHATSAPP)
    client.post(
        f"/contatos/{contact.pk}/editar/",
        {"name": "X", "phone": OTHER, "tags": "", "birth_date": ""},
    )
    client.post(f"/contatos/{contact.pk}/numero/", {"phone": "(21) 97777-0001"})
    client.post("/contatos/novo/", {"name": "Lúcia", "phone": "(11) 98765-4321"})
    holder = Contact.objects.get(phone=OLD)
    assert holder == contact
    grant(client, holder, topic.pk)
    # Also after going back to the old number.
    successor = Contact.objects.get(phone=OTHER)
    client.post(f"/contatos/{successor.pk}/numero/", {"phone": "(11) 98765-4321"})
    grant(client, holder, topic.pk)
    assert not granted(holder)
    subscription = Subscription.objects.get(contact=holder)
    assert subscription.by_contact


def grant(client: Client, contact: Contact, topic: int) -> None:
    sent = {"topic": topic, "state": "granted", "source": "paper", "evidence": "ficha"}
    client.post(f"/contatos/{contact.pk}/assunto/", sent)


def test_a_stop_is_not_undone_by_way_of_another_topic(
    client: Client, receptionist: Membership
) -> None:
    """SAIR is said to the business: a topic made afterwards is none that the person agreed to."""
    contact = factories.make_contact(receptionist.business, phone=OLD)
    factories.subscribe(contact, factories.make_topic(receptionist.business))
    consent.revoke_all(contact=contact, source=Source.WHATSAPP)
    client.post("/assuntos/novo/", {"name": "Novidades", "description": ""})
    made = receptionist.business.topic_set.latest("pk")
    grant(client, contact, made.pk)
    assert not granted(contact)
    # They take their own stop back: then the team may note what else they agree to.
    assert consent.grant_back(contact=contact, source=Source.WHATSAPP, evidence=message("A1")) == 1
    grant(client, contact, made.pk)
    assert contact.subscriptions.filter(topic=made, state=State.GRANTED).exists()


def test_an_import_undoes_no_stop_by_way_of_another_topic(
    campaign: Campaign, tmp_path: Any
) -> None:
    contact = factories.make_contact(campaign.business, "Ana", phone=OLD)
    factories.subscribe(contact, factories.make_topic(campaign.business))
    consent.revoke_all(contact=contact, source=Source.WHATSAPP)
    sheet = tmp_path / "lista.csv"
    sheet.write_text("Nome;Telefone;Aceita\nAna;(11) 98765-4321;sim\nRita;(11) 98765-0002;sim\n")
    bring(campaign, sheet, yes=True)
    assert not granted(contact)
    assert granted(Contact.objects.get(name="Rita"))


def test_an_import_grants_nothing_to_a_number_that_was_corrected(
    campaign: Campaign, tmp_path: Any
) -> None:
    contact = factories.make_contact(campaign.business, "Ana", phone=OLD)
    correct(contact)
    sheet = tmp_path / "lista.csv"
    sheet.write_text("Nome;Telefone;Aceita\nAna;(11) 98765-4321;sim\nRita;(11) 98765-0002;sim\n")
    bring(campaign, sheet, yes=True)
    assert not granted(contact)
    assert granted(Contact.objects.get(name="Rita"))


# -- A SAIR is heard


@pytest.mark.parametrize("written", [OLD, "+551187654321"])
def test_a_stop_is_heard_from_the_number_that_was_written_to(
    campaign: Campaign, written: str
) -> None:
    """Also where the contact has another number by now, which only the ledger's copy can tell."""
    contact = factories.make_contact(campaign.business, phone=NEW)
    factories.make_delivery(campaign, contact, Status.SENT, phone=OLD)
    reply = hear(campaign, written, "SAIR")
    assert reply is not None
    assert reply.contact == contact
    assert reply.delivery is not None
    assert not granted(contact)
    assert Notice.objects.get(kind=Notice.Kind.STOP_CONFIRMATION).phone == reply.phone


def test_a_stop_from_the_old_number_reaches_who_goes_on_under_the_new_one(
    campaign: Campaign,
) -> None:
    contact = factories.make_contact(campaign.business, phone=OLD)
    factories.make_delivery(campaign, contact, Status.SENT)
    successor = correct(contact)
    assert campaign.topic is not None
    consent.grant(
        contact=successor, topic=campaign.topic, source=Source.PAPER, actor=factories.make_user()
    )
    hear(campaign, OLD, "SAIR")
    assert not granted(successor)
    assert Subscription.objects.get(contact=successor).by_contact
    # Back they come from the number that they have now, and not from the one that was corrected.
    hear(campaign, OLD, "VOLTAR", "A2")
    assert not granted(contact)
    assert not granted(successor)
    hear(campaign, NEW, "VOLTAR", "A3")
    assert granted(successor)


def test_a_stop_reaches_everybody_who_was_written_to_under_the_number(campaign: Campaign) -> None:
    first, second = (factories.make_contact(campaign.business) for _ in range(2))
    other = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, topic=campaign.topic, session=campaign.session
    )
    factories.make_delivery(campaign, first, Status.SENT, phone=OLD)
    factories.make_delivery(other, second, Status.SENT, phone=OLD)
    stranger = factories.make_delivery(other, status=Status.SENT).contact
    hear(campaign, OLD, "SAIR")
    assert not granted(first)
    assert not granted(second)
    assert granted(stranger)


def test_both_forms_of_one_number_stop_together(campaign: Campaign) -> None:
    """With and without the ninth digit it is one WhatsApp, be it two contacts."""
    assert campaign.topic is not None
    both = [factories.make_contact(campaign.business, phone=p) for p in (OLD, "+551187654321")]
    for contact in both:
        factories.subscribe(contact, campaign.topic)
    hear(campaign, "+551187654321", "SAIR")
    assert not any(map(granted, both))


def test_a_stop_is_heard_by_the_id_that_whatsapp_gave_the_number(campaign: Campaign) -> None:
    contact = factories.make_contact(campaign.business, phone=NEW)
    factories.make_delivery(campaign, contact, Status.SENT, phone=OLD)
    Chat.objects.create(session=campaign.session, phone=OLD, wa_id="551187650000")
    hear(campaign, "+551187650000", "SAIR")
    assert not granted(contact)


def test_a_stop_at_another_business_is_not_this_ones(campaign: Campaign) -> None:
    elsewhere = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    contact = factories.make_delivery(elsewhere, status=Status.SENT, phone=OLD).contact
    hear(campaign, OLD, "SAIR")
    assert granted(contact)


@pytest.mark.usefixtures("unworn_tables")
def test_who_was_written_to_is_found_by_an_index(campaign: Campaign) -> None:
    """At ten million deliveries a reply must not read them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT contact_id FROM campaigns_delivery WHERE business_id = 1"
            " AND phone IN ('+5511987654321', '+551187654321') AND sending_at IS NOT NULL"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "delivery_written" in plan


def test_the_ledger_and_the_proof_stay_with_the_old_number(campaign: Campaign) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT, phone=OLD)
    before = Consent.objects.filter(contact=delivery.contact).count()
    moment = timezone.now() - timedelta(seconds=1)
    successor = correct(delivery.contact)
    delivery.refresh_from_db()
    assert delivery.contact != successor
    assert Consent.objects.filter(contact=delivery.contact, at__gt=moment).count() == before + 1
