"""One recipient's page: why they got it, the exact text, and everything that happened."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign, Delivery, Reply
from contacts.models import Consent, ConsentWording, Contact, Import, Subscription
from tests.clients import Client
from tests.factories import make_campaign, make_contact, make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(running: Campaign) -> Contact:
    """Subscribed, by nothing that is told yet: as no role but the tables' owner could."""
    found = make_contact(running.business, "Lúcia Prado")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE contacts_subscription DISABLE TRIGGER USER")
        Subscription.objects.create(
            business=running.business, contact=found, topic=running.topic, state="granted"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE contacts_subscription ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return found


def said(campaign: Campaign, contact: Contact, state: str, days: int, **fields: object) -> Consent:
    """What the person said to the campaign's topic, so many days from now."""
    values = {
        "business": campaign.business,
        "contact": contact,
        "topic": campaign.topic,
        "state": state,
        "source": "paper",
        "at": timezone.now() + timedelta(days=days),
    }
    return Consent.objects.create(**(values | fields))


def wrote(delivery: Delivery, text: str, minutes: int, kind: str = "message") -> Reply:
    return Reply.objects.create(
        business_id=delivery.business_id,
        session_id=delivery.session_id,
        message_id=f"3EB0{delivery.pk}{minutes}",
        phone=delivery.phone,
        contact=delivery.contact,
        delivery=delivery,
        kind=kind,
        text=text,
        at=timezone.now() + timedelta(minutes=minutes),
    )


def page_of(client: Client, delivery: Delivery) -> str:
    url = f"/campanhas/{delivery.campaign_id}/destinatarios/{delivery.pk}/"
    return client.get(url).content.decode()


def why(page: str) -> str:
    """The card that tells why they got it."""
    return page.split('aria-labelledby="porque"')[1].split("</section>", maxsplit=1)[0]


def test_page_tells_why_the_exact_text_and_everything_that_happened(client, running, contact):
    wording = ConsentWording.objects.create(business=running.business, text="Autorizo os avisos.")
    said(running, contact, "granted", -3, wording=wording, actor=running.launched_by)
    delivery = make_delivery(running, contact, status="read", variables={"nome": "Lúcia"})
    wrote(delivery, "Quero sim!", 1)
    page = page_of(client, delivery)
    assert "Autorizo os avisos." in why(page)
    assert "Ficha em papel" in why(page)
    assert "e não pediu para sair" in why(page)
    assert "Olá, Lúcia!" in page
    steps = [
        "Respondeu",
        "Leu",
        "Chegou ao celular",
        "Enviada",
        "Consentimento conferido",
        "Entrou na fila",
    ]
    places = [page.index(f"<strong>{step}</strong>") for step in steps]
    assert places == sorted(places)
    assert "wa.me/" + contact.phone.lstrip("+") in page


def test_consent_given_after_the_message_is_not_why_they_got_it(client, running, contact):
    said(running, contact, "granted", -3, source="counter")
    delivery = make_delivery(running, contact, status="sent")
    said(running, contact, "revoked", 1)
    said(running, contact, "granted", 2, source="form")
    told = why(page_of(client, delivery))
    assert "No balcão, por escrito" in told
    assert "Formulário" not in told
    assert "Depois pediu para sair e voltou." in told


def test_message_that_nobody_claimed_yet_goes_by_the_consent_that_stands_now(
    client, running, contact
):
    said(running, contact, "granted", -3, source="counter")
    delivery = make_delivery(running, contact)
    Delivery.objects.filter(pk=delivery.pk).update(queued_at=timezone.now() - timedelta(days=2))
    said(running, contact, "granted", -1, source="form")
    assert "Formulário na internet" in why(page_of(client, delivery))


def test_person_who_was_skipped_is_explained(client, running, contact):
    said(running, contact, "granted", -3)
    delivery = make_delivery(running, contact)
    skipped = {"status": "skipped", "reason": "no_consent", "ended_at": timezone.now()}
    Delivery.objects.filter(pk=delivery.pk).update(**skipped)
    left = Subscription.objects.filter(contact=contact)
    left.update(state="revoked", by_contact=True)
    page = page_of(client, delivery)
    assert "Sem consentimento" in page
    assert "depois pediu para sair" in why(page)
    left.update(by_contact=False)
    page = page_of(client, delivery)
    assert "Depois a equipe anotou que não vale mais" in why(page)
    assert "Pediu para sair" not in page


def test_person_skipped_before_ever_agreeing_is_not_given_a_later_consent(client, running, contact):
    delivery = make_delivery(running, contact)
    Delivery.objects.filter(pk=delivery.pk).update(
        status="skipped", reason="no_consent", ended_at=timezone.now()
    )
    said(running, contact, "granted", 1, source="form")
    told = why(page_of(client, delivery))
    assert "Na vez desta mensagem não havia consentimento" in told
    assert "Formulário" not in told


def test_proof_is_in_words_without_the_id_of_a_message(client, running, contact):
    earlier = make_delivery(make_campaign(running.business, status="running"), contact)
    reply = wrote(earlier, "VOLTAR", -60, kind="return")
    said(
        running,
        contact,
        "granted",
        -1,
        source="whatsapp",
        evidence_kind="message",
        evidence_ref=reply.message_id,
    )
    told = why(page_of(client, make_delivery(running, contact, status="sent")))
    assert "A mensagem “VOLTAR”" in told
    assert reply.message_id not in told
    assert "a própria pessoa" in told


def test_proof_from_a_spreadsheet_leads_to_its_import(client, owner, running, contact):
    upload = Import.objects.create(business=running.business, file_name="fichas.xlsx")
    said(
        running,
        contact,
        "granted",
        0,
        evidence_kind="import",
        evidence_ref="7",
        source_import=upload,
        actor=owner.user,
    )
    told = why(page_of(client, make_delivery(running, contact, status="sent")))
    assert f'/importacoes/{upload.pk}/">linha 7 de fichas.xlsx</a>' in told
    assert re.search(r"(hoje|ontem) (à 1|às \d+):\d\d", told)
