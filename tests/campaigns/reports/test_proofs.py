"""The proof of a consent, on a page and as PDF: wording and its version, channel, evidence, actor, time."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from campaigns.reports import proofs
from contacts import consent, evidence
from contacts.models import Consent, ConsentWording, Contact, Source
from contacts.optin import texts
from sessions.events import Address, Incoming, Text
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db
PHONE = "+5511987654321"


@pytest.fixture
def owner(db: None) -> Membership:
    return factories.make_membership(user=factories.make_user(name="Ana Ribeiro"))


@pytest.fixture
def signed_in(client: Client, owner: Membership) -> Client:
    client.force_login(owner.user)
    return client


@pytest.fixture
def campaign(owner: Membership) -> Campaign:
    return factories.make_campaign(
        owner.business, Campaign.Status.RUNNING, name="Agenda de dezembro", body="Olá, {{nome}}!"
    )


@pytest.fixture
def agreed(owner: Membership, campaign: Campaign) -> Contact:
    """Somebody whose consent the team wrote down from paper, under a wording."""
    contact = factories.make_contact(owner.business, "Lúcia & Cia <b>", phone=PHONE)
    wording = ConsentWording.objects.create(
        business=owner.business, text="Autorizo avisos de agenda."
    )
    consent.grant(
        contact=contact, topic=campaign.topic, source=Source.PAPER, actor=owner.user,
        wording=wording, evidence=evidence.note("Pasta 7, ficha 312"),
    )  # fmt: skip
    return contact


@pytest.fixture
def sent(campaign: Campaign, agreed: Contact) -> Delivery:
    return factories.make_delivery(campaign, agreed, Status.SENT)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def of_message(sent: Delivery) -> str:
    return f"/campanhas/{sent.campaign_id}/destinatarios/{sent.pk}/prova"


SAID = ("Autorizo avisos de agenda.", "Ficha em papel", "Pasta 7, ficha 312", "Ana Ribeiro")


def test_the_proof_of_a_message_says_all_of_it_on_page_and_paper(
    signed_in: Client, sent: Delivery
) -> None:
    page = signed_in.get(f"{of_message(sent)}/").content.decode()
    paper = read(signed_in, f"{of_message(sent)}.pdf")
    given = Consent.objects.get()
    assert sent.sending_at
    for words in (page, paper):
        for said in (
            *SAID, "Agenda de dezembro", proofs.full(given.at), proofs.full(sent.sending_at), "(11) 98765-4321",
        ):  # fmt: skip
            assert said in words, said
    assert "Lúcia &amp; Cia &lt;b&gt;" in page
    assert "Lúcia & Cia <b>" in paper
    assert "texto 1" in paper


def test_it_is_the_consent_of_the_moment_and_what_came_later_stands_beside_it(
    signed_in: Client, sent: Delivery, agreed: Contact
) -> None:
    factories.make_stop(agreed.business, PHONE)
    consent.revoke_all(contact=agreed, source=Source.WHATSAPP, evidence=evidence.message("3EB0"))
    proof = proofs.of_delivery(sent, agreed.business, "")
    assert proof.holds
    assert proof.grant
    assert proof.grant.evidence == "Pasta 7, ficha 312"
    assert [entry.granted for entry in proof.entries] == [False, True]
    assert "Deixou de aceitar" in read(signed_in, f"{of_message(sent)}.pdf")


def test_a_message_that_never_went_proves_nothing(campaign: Campaign, agreed: Contact) -> None:
    waits = factories.make_delivery(campaign, agreed)
    proof = proofs.of_delivery(waits, agreed.business, "")
    assert not proof.holds
    assert "não saiu" in proof.sentence
    waits.campaign.topic = factories.make_topic(agreed.business)
    assert "não havia consentimento" in proofs.of_delivery(waits, agreed.business, "").sentence


def test_who_agreed_by_a_message_is_proven_by_their_own_words(
    signed_in: Client, owner: Membership, campaign: Campaign
) -> None:
    text = factories.make_opt_in_text(campaign.topic, "Aceito promoções.")
    words = texts.message_of_page(text)
    said = Incoming(Address(PHONE), "3EB0ABC", Text(words), timezone.now())
    LedgerOutbox().record_event(campaign.session_id, said)
    contact = Contact.objects.get(phone=PHONE)
    page = signed_in.get(f"/contatos/{contact.pk}/prova/").content.decode()
    paper = read(signed_in, f"/contatos/{contact.pk}/prova.pdf")
    for told in (page, paper):
        assert words in told
        assert "3EB0ABC" in told
        assert "Aceito promoções." in told
        assert "a própria pessoa" in told


def test_the_pages_of_a_person_and_of_a_message_lead_to_their_proofs(
    signed_in: Client, sent: Delivery, agreed: Contact
) -> None:
    for address, proof in (
        (f"/contatos/{agreed.pk}/", f"/contatos/{agreed.pk}/prova/"),
        (of_message(sent).removesuffix("prova"), f"{of_message(sent)}/"),
    ):
        assert f'{proof}"' in signed_in.get(address).content.decode()


def test_the_longest_story_makes_a_bounded_paper(
    signed_in: Client, owner: Membership, campaign: Campaign, agreed: Contact
) -> None:
    wording = ConsentWording.objects.create(business=owner.business, text="palavras " * 6_000)
    at = timezone.now() - timedelta(days=1)
    Consent.objects.bulk_create(
        Consent(
            business=owner.business, contact=agreed, topic=campaign.topic, state="granted",
            source=Source.PAPER, wording=wording, at=at,
        )
        for _number in range(proofs.MOST + 5)
    )  # fmt: skip
    proof = proofs.of_contact(agreed, owner.business)
    assert len(proof.entries) == proofs.MOST
    assert proof.more
    answer = signed_in.get(f"/contatos/{agreed.pk}/prova.pdf")
    assert len(answer.content) < 500_000
    assert "no-store" in answer["Cache-Control"]
