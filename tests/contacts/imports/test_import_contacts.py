"""A spreadsheet into the database: once, in whole chunks, and with consent only where declared."""

from pathlib import Path

import pytest

from blu.accounts.models import Business
from contacts import consent, stops
from contacts.erasure.services import erase_known_by
from contacts.imports import job as runs
from contacts.imports.declarations import Declaration
from contacts.imports.uploads import import_file
from contacts.models import Consent, Contact, Import, Source, State, Stop, Subscription, Topic
from contacts.spreadsheets.refusals import FileRefused, Refusal
from tests.factories import make_business, make_contact, make_stop, make_topic, make_user

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
TITLES = "Nome;Telefone;Nascimento;Aceita receber;Plano;Tags\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    return make_business()


@pytest.fixture
def topic(business: Business) -> Topic:
    return make_topic(business, "Avisos")


@pytest.fixture
def declared(topic: Topic) -> Declaration:
    return Declaration(topic, Source.PAPER, "Autorizo o envio de avisos.")


@pytest.fixture
def bring(tmp_path, business):
    """Import these rows under TITLES."""

    def now(*rows, **options):
        path = tmp_path / "lista.csv"
        path.write_text(TITLES + "\n".join(rows) + "\n")
        return import_file(**({"business": business, "path": path} | options))

    return now


@pytest.fixture
def chunks_of_two(monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)


def state(phone: str, topic: Topic) -> str | None:
    found = Subscription.objects.filter(contact__phone=phone, topic=topic).first()
    return found.state if found else None


ANA = "+5511987654321"


def test_the_clean_sample_comes_in_with_its_consents(business, declared, topic):
    done = import_file(
        business=business,
        path=SAMPLES / "clinica-horizonte.xlsx",
        declaration=declared,
        actor=make_user(),
    )
    assert done.status == Import.Status.DONE
    assert (done.imported, done.updated, done.duplicates, done.errors) == (300, 0, 0, 0)
    granted = Subscription.objects.filter(topic=topic, state=State.GRANTED).count()
    assert done.granted == granted == Consent.objects.filter(topic=topic).count()
    assert Contact.objects.filter(business=business, attributes__plano="Família").exists()


def test_the_worst_sample_keeps_its_bad_rows_with_their_reasons(business, declared):
    done = import_file(
        business=business, path=SAMPLES / "planilha-quebrada.xlsx", declaration=declared
    )
    assert (done.imported, done.duplicates, done.errors) == (26, 12, 22)
    problem = done.problems.get(row=14, field="")
    assert problem.reason == "phone lost digits"
    assert problem.values[1] == "2,19E+10"
    assert done.problems.filter(field="birth_date").count() == 6


def test_importing_the_same_file_twice_changes_nothing(business, declared, topic):
    path = SAMPLES / "recepcao-antiga.csv"
    import_file(business=business, path=path, declaration=declared)
    before = list(Contact.objects.order_by("id").values())
    again = import_file(business=business, path=path, declaration=declared)
    assert (again.imported, again.granted, again.duplicates) == (0, 0, 7)
    assert again.updated + again.unchanged == 107
    assert Contact.objects.count() == len(before)
    assert Consent.objects.filter(topic=topic, state=State.GRANTED).count() == (
        Subscription.objects.filter(topic=topic, state=State.GRANTED).count()
    )


def test_unchanged_contacts_are_not_written(bring):
    bring("Ana;11987654321;;;Ouro;vip")
    first = Contact.objects.get()
    done = bring("Ana;11987654321;;;Ouro;vip", "Ana;11987654321;;;;")
    assert (done.unchanged, done.updated) == (1, 0)
    assert Contact.objects.get().updated_at == first.updated_at


def test_an_empty_cell_erases_nothing_and_a_full_one_wins(bring):
    bring("Ana;11987654321;01/05/1980;;Ouro;vip")
    done = bring("Ana Luz;11987654321;31/02/1980;;;novo")
    found = Contact.objects.get()
    assert done.updated == 1
    assert (found.name, str(found.birth_date)) == ("Ana Luz", "1980-05-01")
    assert found.attributes == {"plano": "Ouro"}
    assert found.tags == ["vip", "novo"]


def test_a_contact_is_found_by_its_new_name(bring, business):
    bring("Ana;11987654321;;;;")
    bring("Lúcia Prado;11987654321;;;;")
    fresh = make_contact(business, "Lúcia Prado", phone="+5511900000000")
    words = Contact.objects.get(pk=fresh.pk).search
    for old, new in (
        ("11900000000", "11987654321"),
        ("900000000", "987654321"),
        (":0000", ":4321"),
    ):
        words = words.replace(old, new)
    assert set(Contact.objects.get(phone=ANA).search.split()) == set(words.split())


def test_rows_of_one_number_merge_across_chunks(bring, chunks_of_two, declared, topic):
    done = bring(
        "Ana;11987654321;01/05/1980;sim;Ouro;",
        "Bia;11987650001;;sim;;",
        "Cid;11987650002;;sim;;",
        "ANA LUZ;11987654321;;não;Prata;",
        "Dê;12;;;;",
        declaration=declared,
    )
    assert (done.imported, done.updated, done.unchanged) == (3, 0, 0)
    assert (done.duplicates, done.errors) == (1, 1)
    found = Contact.objects.get(phone=ANA)
    assert (found.name, found.attributes) == ("ANA LUZ", {"plano": "Prata"})
    assert state(ANA, topic) == State.REVOKED


def test_without_a_declaration_nobody_is_granted(bring):
    done = bring("Ana;11987654321;;sim;;")
    assert (done.imported, done.granted) == (1, 0)
    assert not Consent.objects.exists()


def test_only_a_yes_is_granted_and_keeps_its_proof(bring, declared, topic):
    actor = make_user()
    bring(
        "Ana;11987654321;;sim;;", "Bia;11987650001;;talvez;;", "Cid;11987650002;;;;",
        declaration=declared, actor=actor,
    )  # fmt: skip
    proof = Consent.objects.get()
    assert (proof.contact.phone, proof.topic, proof.state) == (ANA, topic, State.GRANTED)
    assert proof.source == Source.PAPER
    assert proof.actor == actor
    assert (proof.evidence_kind, proof.evidence_ref) == ("import", "2")
    assert proof.evidence_words == "linha 2 de lista.csv"
    assert proof.wording is not None
    assert proof.wording.text == "Autorizo o envio de avisos."


def test_a_no_in_the_sheet_takes_back_what_stood(bring, declared, topic):
    bring("Ana;11987654321;;sim;;", declaration=declared)
    bring("Ana;11987654321;;não;;", declaration=declared)
    assert state(ANA, topic) == State.REVOKED
    assert [c.state for c in Consent.objects.order_by("id")] == [State.GRANTED, State.REVOKED]


def test_a_no_without_a_topic_takes_back_every_topic(bring, business, declared, topic):
    bring("Ana;11987654321;;sim;;", declaration=declared)
    other = make_topic(business, "Promoções")
    consent.grant(contact=Contact.objects.get(), topic=other, source=Source.PAPER)
    bring("Ana;11987654321;;não;;")
    assert state(ANA, topic) == state(ANA, other) == State.REVOKED


def test_unclear_and_empty_answers_take_nothing_back(bring, declared, topic):
    bring("Ana;11987654321;;sim;;", declaration=declared)
    bring("Ana;11987654321;;talvez;;", declaration=declared)
    bring("Ana;11987654321;;;;", declaration=declared)
    assert state(ANA, topic) == State.GRANTED


def test_what_an_import_took_back_an_import_grants_again(bring, declared, topic):
    for answer in ("sim", "não", "sim"):
        bring(f"Ana;11987654321;;{answer};;", declaration=declared)
    assert state(ANA, topic) == State.GRANTED
    assert Consent.objects.count() == 3


@pytest.mark.parametrize("by_the_person", [True, False], ids=["the person", "the team"])
def test_who_left_is_not_brought_back_by_a_sheet(bring, declared, topic, by_the_person):
    bring("Ana;11987654321;;sim;;", declaration=declared)
    actor = None if by_the_person else make_user()
    consent.revoke(contact=Contact.objects.get(), topic=topic, source=Source.WHATSAPP, actor=actor)
    done = bring("Ana;11987654321;;sim;;", declaration=declared)
    assert state(ANA, topic) == State.REVOKED
    assert done.granted == 0
    note = done.problems.get()
    assert (note.row, note.field, note.reason) == (2, "opt_in", "asked to leave")


def test_who_stopped_before_they_were_anybodys_contact_is_granted_nothing(
    bring, business, declared, topic
):
    make_stop(business, "+551187654321")
    done = bring("Ana;11987654321;;sim;;", "Bia;11987654322;;sim;;", declaration=declared)
    assert (done.imported, done.granted) == (2, 1)
    assert state(ANA, topic) is None
    note = done.problems.get()
    assert (note.row, note.reason, note.values) == (2, "asked to stop", ["Ana", ANA])


def test_a_number_of_another_person_is_not_imported_at_all(bring, business, declared):
    stops.keep(
        business_id=business.pk, keys=[ANA], why=Stop.Why.OTHER_PERSON, source=Source.WHATSAPP
    )
    done = bring("Ana;11987654321;;sim;;", "Bia;11987654322;;sim;;", declaration=declared)
    assert list(Contact.objects.values_list("name", flat=True)) == ["Bia"]
    assert (done.imported, done.errors, done.people + done.errors) == (1, 1, 2)
    assert done.problems.get().reason == "another person's number"


def test_who_was_erased_is_not_imported_at_all_and_nothing_of_the_row_is_kept(
    bring, business, declared
):
    erase_known_by(business=business, key=ANA)
    done = bring("Ana;(11) 8765-4321;;sim;;", "Bia;11987654322;;sim;;", declaration=declared)
    assert list(Contact.objects.values_list("name", flat=True)) == ["Bia"]
    assert (done.imported, done.errors) == (1, 1)
    note = done.problems.get()
    assert (note.row, note.reason, note.values) == (2, "asked to be erased", [])


def test_a_stop_of_another_business_keeps_nobody_out(bring, declared, topic):
    make_stop(make_business("Outra"), ANA)
    bring("Ana;11987654321;;sim;;", declaration=declared)
    assert state(ANA, topic) == State.GRANTED


def test_the_result_says_who_asked_not_to_receive(bring, owner, client):
    topic = make_topic(owner.business)
    make_stop(owner.business, ANA)
    declaration = Declaration(topic, Source.PAPER, "Autorizo.")
    done = bring("Ana;11987654321;;sim;;", declaration=declaration, business=owner.business)
    page = client.get(f"/importacoes/{done.pk}/").content.decode()
    assert "Pediu para não receber" in page


def test_a_file_touches_no_other_business(bring, declared):
    other = make_business("Outra")
    theirs = make_contact(other, "Ana de lá", phone=ANA)
    bring("Ana;11987654321;;sim;;", declaration=declared)
    theirs.refresh_from_db()
    assert theirs.name == "Ana de lá"
    assert not theirs.consents.exists()


def test_another_business_topic_cannot_be_declared(bring):
    foreign = make_topic(make_business("Outra"))
    with pytest.raises(ValueError, match="another business"):
        bring("Ana;11987654321;;sim;;", declaration=Declaration(foreign, Source.PAPER, "Autorizo"))
    assert not Contact.objects.exists()


def test_a_refused_file_leaves_nothing(business, tmp_path):
    page = tmp_path / "lista.xlsx"
    page.write_text("<html></html>")
    with pytest.raises(FileRefused):
        import_file(business=business, path=page)
    assert not Import.objects.exists()


def test_an_open_quote_at_the_very_end_imports_nothing(bring, chunks_of_two):
    done = bring(*(f"Ana;1198765{n:04d};;;;" for n in range(150)), '"Zé;11987650000')
    assert done.status == Import.Status.REFUSED
    assert done.refusal == Refusal.OPEN_QUOTE
    assert not Contact.objects.exists()


def test_values_that_look_like_codes_of_the_wire_come_in_unharmed(bring):
    name = r"Ana \. \N \t {\"a\"} 'x' =1+1 👨‍👩‍👧"
    tag = r"a\b {c} 'd'"
    bring(f"{name};11987654321;;;pl\\a{{n}};{tag}")
    found = Contact.objects.get()
    assert (found.name, found.attributes, found.tags) == (name, {"plano": "pl\\a{n}"}, [tag])


def test_a_tag_can_be_given_to_all(bring):
    bring("Ana;11987654321;;;;vip", "Bia;11987650001;;;;", tag="novembro")
    assert [c.tags for c in Contact.objects.order_by("id")] == [["vip", "novembro"], ["novembro"]]


def test_contacts_come_in_the_order_of_the_sheet(bring):
    bring("Zé;11987650003;;;;", "Ana;11987650001;;;;", "Bia;11987650002;;;;")
    assert [c.name for c in Contact.objects.order_by("id")] == ["Zé", "Ana", "Bia"]


def test_the_business_area_code_completes_numbers(bring, business):
    business.default_area_code = "21"
    business.save()
    bring("Ana;98765-4321;;;;")
    assert Contact.objects.get().phone == "+5521987654321"


def test_running_a_finished_import_again_does_nothing(bring):
    done = bring("Ana;11987654321;;;;")
    runs.run_import(done.pk)
    done.refresh_from_db()
    assert (done.imported, done.rows_done) == (1, 2)


def test_a_person_gathers_no_more_data_and_tags_than_one_may_have(bring, business, tmp_path):
    """Each file may bring other titles; pages, files and workers read a person's data whole."""
    for number in range(4):
        path = tmp_path / f"lista{number}.csv"
        titles = ";".join(f"Dado {number} {column}" for column in range(150))
        cells = ";".join(f"v{number}" for _ in range(150))
        path.write_text(f"Telefone;Nome;{titles}\n11987654321;Ana;{cells}\n")
        done = import_file(business=business, path=path)
    ana = Contact.objects.get(business=business, phone=ANA)
    assert len(ana.attributes) == 300
    assert [problem.reason for problem in done.problems.all()] == ["much data"]
    Contact.objects.filter(pk=ana.pk).update(tags=[f"t{number}" for number in range(100)])
    done = bring("Ana;11987654321;;;Familiar;nova")
    ana.refresh_from_db()
    assert len(ana.tags) == 100
    assert [problem.reason for problem in done.problems.all()] == ["much data"]


def test_what_a_person_has_by_its_name_is_renewed_all_the_same(bring, business):
    ana = make_contact(
        business, phone=ANA, attributes={f"d{n}": "x" for n in range(299)} | {"plano": "Ouro"}
    )
    done = bring("Ana;11987654321;;;Familiar;")
    ana.refresh_from_db()
    assert (ana.attributes["plano"], len(ana.attributes)) == ("Familiar", 300)
    assert not done.problems.exists()
