"""Where the proof of a consent is: a kind and a reference, in the words of who reads."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.html import escape
from django.utils.translation import override

from contacts import consent, evidence
from contacts.evidence import EvidenceKind
from contacts.models import Consent, Import, Source
from contacts.spreadsheets.refusals import Refusal
from tests import factories
from tests.clients import Client

REFERENCES = {
    "note": "Pasta 7",
    "import": "12",
    "message": "3EB0A",
    "number": "+5511987654321",
    "code": "12",
    "page": "page:12",
}
# What the team wrote and a number are the same in every language.
TRANSLATED = ("import", "message", "code", "page")


@pytest.mark.parametrize("kind", [kind for kind in EvidenceKind if kind])
def test_every_kind_of_evidence_is_told_and_in_english_to_an_english_reader(
    client: Client, db: None, kind: EvidenceKind
) -> None:
    owner = factories.make_membership()
    upload = Import.objects.create(business=owner.business, file_name="lista.csv")
    contact = factories.make_contact(owner.business)
    proof = Consent.objects.create(
        business=owner.business,
        contact=contact,
        topic=factories.make_topic(owner.business),
        state="granted",
        source=Source.NUMBER if kind == EvidenceKind.NUMBER else Source.PAPER,
        evidence_kind=kind,
        evidence_ref=REFERENCES[kind],
        source_import=upload if kind == EvidenceKind.IMPORT else None,
    )
    with override("pt-br"):
        portuguese = proof.evidence_words
    with override("en"):
        english = proof.evidence_words
    assert (portuguese != english) is (kind in TRANSLATED)
    client.force_login(owner.user)
    client.cookies["django_language"] = "en"
    page = client.get(f"/contatos/{contact.pk}/").content.decode()
    if kind != EvidenceKind.MESSAGE:  # told as the person's own word, with no place to look for
        assert english in page
    if kind in TRANSLATED:
        assert portuguese not in page


def test_a_reference_has_a_kind(db: None) -> None:
    contact = factories.make_contact(factories.make_business())
    for wrong in ({"evidence_ref": "x"}, {"evidence_kind": "hearsay", "evidence_ref": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(
                business=contact.business,
                contact=contact,
                topic=factories.make_topic(contact.business),
                state="granted",
                source=Source.PAPER,
                **wrong,
            )


def test_a_corrected_number_and_a_note_are_kept_as_what_they_are(db: None) -> None:
    contact = factories.make_contact(factories.make_business())
    topic = factories.make_topic(contact.business)
    actor = factories.make_user()
    consent.grant(
        contact=contact, topic=topic, source=Source.PAPER, actor=actor,
        evidence=evidence.note("Pasta 7"),
    )  # fmt: skip
    consent.revoke_all(
        contact=contact, source=Source.NUMBER, actor=actor,
        evidence=evidence.number("+5511987654321"),
    )  # fmt: skip
    kept = Consent.objects.order_by("pk").values_list("evidence_kind", "evidence_ref")
    assert list(kept) == [("note", "Pasta 7"), ("number", "+5511987654321")]
    assert evidence.note("") == evidence.NOTHING


@pytest.mark.parametrize("refusal", list(Refusal))
def test_an_english_reader_finds_no_portuguese_reason_of_a_refused_file(
    client: Client, db: None, refusal: Refusal
) -> None:
    owner = factories.make_membership()
    upload = Import.objects.create(
        business=owner.business, file_name="lista.csv", status="refused", refusal=refusal,
        created_by=owner.user,
    )  # fmt: skip
    client.force_login(owner.user)
    client.cookies["django_language"] = "en"
    page = client.get(f"/importacoes/{upload.pk}/").content.decode()
    with override("en"):
        assert escape(str(refusal.label)) in page
    with override("pt-br"):
        assert escape(str(refusal.label)) not in page
