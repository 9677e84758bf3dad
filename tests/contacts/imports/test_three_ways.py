"""A list that doesn't say who agreed: all did, some did, or nobody yet."""

import io

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from django.utils.translation import override

from contacts import consent
from contacts.imports import answer_exports, answer_sheet
from contacts.imports import job as runs
from contacts.imports.declarations import Declaration
from contacts.imports.job import run_import
from contacts.imports.uploads import import_file, receive_upload
from contacts.models import Consent, ConsentWording, Contact, Import, Source, State, Subscription
from tests.factories import make_business, make_contact, make_stop, make_topic, subscribe

pytestmark = pytest.mark.django_db
LIST = (
    "Nome;Telefone;Nascimento;Plano;Nome;Etiquetas\n"
    "Ana;(11) 98765-4321;01/02/1980;Ouro;Rex;vip, novo\n"
    "Bia;21987654322;;Prata;;\n"
    "Bia Luz;21987654322;;Ouro;;\n"
    "Cid;12;;;;\n"
)
ANA, BIA = "+5511987654321", "+5521987654322"
DECLARED = {"way": "all", "source": "paper", "wording": "Autorizo.", "declared": "on"}


@pytest.fixture
def sent(owner, tmp_path, enqueued):
    """A file that was uploaded and read."""

    def send(content=LIST, name="lista.csv"):
        path = tmp_path / "sent"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = receive_upload(business=owner.business, path=path, name=name, actor=owner.user)
        run_import(found.pk)
        found.refresh_from_db()
        return found

    return send


def check(client, found, **query) -> str:
    return client.get(f"/importacoes/{found.pk}/conferir/", query).content.decode()


def start(client, found, **data):
    return client.post(f"/importacoes/{found.pk}/iniciar/", data)


def choose(client, found, way, **typed) -> str:
    answer = client.post(f"/importacoes/{found.pk}/guardar/", {"choose": way, **typed})
    assert answer.url.endswith("/conferir/#caminho")
    return check(client, found)


def test_the_three_ways_stand_side_by_side_and_none_is_chosen(client, sent):
    page = check(client, sent())
    assert page.count('aria-pressed="false"') == 3
    assert 'aria-pressed="true"' not in page
    for words in ("Todas concordaram", "Algumas concordaram", "Nenhuma concordou ainda"):
        assert words in page
    assert "De onde vem o consentimento?" not in page


@pytest.mark.parametrize(
    "column", ["Aceita\nAna;11987654321;sim\n", "Aceita\nAna;11987654321;não\n"]
)
def test_a_list_that_says_who_agreed_is_not_asked(client, sent, column):
    page = check(client, sent(f"Nome;Telefone;{column}"))
    assert "aria-pressed" not in page


def test_answers_that_nobody_understands_are_told_with_their_number(client, sent):
    people = "Ana;11987654321;autorizo\nBia;21987654322;talvez\n"
    page = check(client, sent(f"Nome;Telefone;Aceita\n{people}"))
    assert "2 respostas não são nem sim nem não: escreva" in page
    assert "Há uma com outro título?" not in page


def test_a_sheet_without_people_asks_for_no_way(client, sent):
    assert "Falta escolher um dos três caminhos." not in check(client, sent("Nome;Telefone\n"))


def test_a_column_that_nobody_filled_in_says_nothing(client, sent):
    page = check(client, sent("Nome;Telefone;Aceita\nAna;11987654321;\n"))
    assert page.count('aria-pressed="false"') == 3
    assert "A coluna que diz quem aceita receber está vazia." in page


def test_without_a_way_nothing_starts(client, sent):
    found = sent()
    page = start(client, found).content.decode()
    assert "Falta escolher um dos três caminhos." in page
    found.refresh_from_db()
    assert found.status == Import.Status.UPLOADED


def test_choosing_a_way_loses_nothing_that_was_typed_and_declares_nothing(client, sent):
    found = sent()
    page = choose(client, found, "all", tag="nov")
    assert page.count('aria-pressed="true"') == 1
    assert 'value="nov"' in page
    choose(client, found, "none", wording="Autorizo.", declared="on")
    page = choose(client, found, "all")
    assert "Autorizo.</textarea>" in page
    assert "checked" not in page.split('name="declared"')[1].split(">")[0]


def test_all_agreed_is_declared_with_its_count_and_by_whom_and_nothing_is_preselected(
    client, owner, sent
):
    make_topic(owner.business, "Avisos")
    page = choose(client, sent(), "all")
    assert "Declaro que estas <strong>2 pessoas</strong>" in page
    assert f"Declarado por {owner.user.name or owner.user.email}" in page
    for name in ("topic", "source"):
        options = page.split(f'name="{name}"')[1].split("</select>")[0]
        assert "selected" not in options.replace('<option value="" selected>', "")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("declared", "Falta marcar a declaração"),
        ("wording", "Falta o texto"),
        ("source", "Falta dizer como"),
        ("new_topic", "Falta dizer o que"),
    ],
)
def test_a_declaration_of_all_needs_all_of_it(client, sent, without, said):
    found = sent()
    data = DECLARED | {"new_topic": "Avisos"}
    del data[without]
    assert said in start(client, found, **data).content.decode()
    assert not ConsentWording.objects.exists()


def test_all_agreed_grants_everybody_with_the_declaration_as_proof(client, owner, sent):
    found = sent()
    start(client, found, **DECLARED, new_topic="Avisos")
    run_import(found.pk)
    found.refresh_from_db()
    assert (found.granted, found.of_everyone) == (2, True)
    proof = Consent.objects.get(contact__phone=ANA)
    assert (proof.source, proof.wording.text, proof.actor) == ("paper", "Autorizo.", owner.user)
    assert proof.evidence_words == "linha 2 de lista.csv, declarada com a lista inteira"


def test_who_asked_to_leave_stays_out_of_a_list_in_which_all_agreed(client, owner, sent):
    topic = make_topic(owner.business)
    make_stop(owner.business, ANA)
    left = make_contact(owner.business, phone=BIA)
    subscribe(left, topic)
    consent.revoke(contact=left, topic=topic, source=Source.WHATSAPP)
    found = sent(LIST + "Dê;11987654323;;;;\n")
    page = choose(client, found, "all")
    assert "2 pessoas desta lista já pediram para sair." in page
    assert "Declaro que <strong>1 pessoa</strong>" in page
    start(client, found, **DECLARED, topic=topic.pk)
    run_import(found.pk)
    granted = Subscription.objects.filter(state=State.GRANTED)
    assert [one.contact.name for one in granted] == ["Dê"]
    assert found.problems.filter(reason="asked to stop").exists()


def test_a_no_of_an_earlier_sheet_outweighs_a_declaration_of_all(owner, tmp_path):
    topic = make_topic(owner.business)
    said = Declaration(topic, Source.PAPER, "Autorizo.")

    def bring(rows, declaration):
        path = tmp_path / "lista.csv"
        path.write_text(rows)
        return import_file(business=owner.business, path=path, declaration=declaration)

    bring("Nome;Telefone;Aceita\nAna;11987654321;sim\n", said)
    bring("Nome;Telefone;Aceita\nAna;11987654321;não\n", said)
    of_all = Declaration(topic, Source.PAPER, "Autorizo.", everyone=True)
    done = bring("Nome;Telefone\nAna;11987654321\nBia;11987654322\n", of_all)
    assert done.granted == 1
    assert Subscription.objects.get(contact__phone=ANA).state == State.REVOKED
    assert done.problems.get().values[0] == "Ana"


def test_an_answer_in_the_sheet_outweighs_a_declaration_of_all(owner, tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text("Nome;Telefone;Aceita\nAna;11987654321;não\nBia;11987654322;\n")
    said = Declaration(make_topic(owner.business), Source.PAPER, "Autorizo.", everyone=True)
    done = import_file(business=owner.business, path=path, declaration=said)
    assert done.granted == 1
    assert Subscription.objects.get().contact.name == "Bia"


def answers_of(client, found, enqueued) -> list[tuple[object, ...]]:
    """The sheet to fill in: asked for, written by a worker, downloaded."""
    client.post(f"/importacoes/{found.pk}/quem-aceita/")
    task, arguments = enqueued.pop()
    assert task == "blu.tasks.export_answers"
    assert client.get(f"/importacoes/{found.pk}/quem-aceita.xlsx").status_code == 302
    answer_sheet.export(*arguments)
    answer = client.get(f"/importacoes/{found.pk}/quem-aceita.xlsx")
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active.values)


def filled_in(rows, answers, title="Aceita") -> bytes:
    book = openpyxl.Workbook()
    for row, answer in zip(rows, [title, *answers], strict=True):
        book.active.append([*row[:-1], answer])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_some_agreed_goes_out_with_a_column_to_fill_in_and_comes_back_as_it_was(
    client, sent, enqueued
):
    found = sent()
    page = choose(client, found, "some")
    assert "Baixe as 2 linhas." in page
    enqueued.clear()
    rows = answers_of(client, found, enqueued)
    assert rows[0] == ("Nome", "Telefone", "Nascimento", "Plano", "nome_2", "Etiquetas", "Aceita")
    assert [row[0] for row in rows[1:]] == ["Ana", "Bia Luz"]
    assert {row[-1] for row in rows[1:]} == {None}
    back = sent(filled_in(rows, ["sim", None]), "lista-quem-aceita.xlsx")
    assert (back.findings["ready"], back.findings["yes"], back.findings["errors"]) == (2, 1, 0)
    assert "Declaro que <strong>1 pessoa</strong>" in check(client, back)
    start(client, back, **(DECLARED | {"new_topic": "Avisos"}))
    run_import(back.pk)
    ana = Contact.objects.get(phone=ANA)
    assert (ana.attributes, ana.tags) == ({"plano": "Ouro", "nome_2": "Rex"}, ["vip", "novo"])
    assert str(ana.birth_date) == "1980-02-01"
    assert Subscription.objects.get().contact == ana
    assert Contact.objects.get(phone=BIA).attributes == {"plano": "Ouro"}


def test_people_of_a_list_in_several_chunks_come_back_whole(client, sent, enqueued, monkeypatch):
    for module in (runs, answer_sheet):
        monkeypatch.setattr(module, "CHUNK", 2)
    found = sent("Nome;Telefone;Plano\nAna;11987654321;\nBia;11987654322;\nAna;11987654321;Ouro\n")
    enqueued.clear()
    rows = answers_of(client, found, enqueued)
    back = sent(filled_in(rows, ["sim", "", ""]), "volta.xlsx")
    start(client, back, **DECLARED, new_topic="Avisos")
    run_import(back.pk)
    assert Contact.objects.get(phone=ANA).attributes == {"plano": "Ouro"}
    assert Subscription.objects.get().contact.phone == ANA


@pytest.mark.parametrize(("language", "yes"), [("pt-br", "sim"), ("en", "yes")])
def test_the_titles_of_the_sheet_are_understood_in_each_language(sent, language, yes):
    out = io.BytesIO()
    found = sent()
    with override(language):
        answer_sheet.write(found, answer_sheet.people_of(found), out)
    rows = list(openpyxl.load_workbook(out).active.values)
    back = sent(filled_in(rows, [yes, yes], rows[0][-1]))
    fields = [column["field"] for column in back.columns["columns"]]
    assert fields == ["name", "phone", "birth_date", "attribute", "attribute", "tags", "opt_in"]
    assert (back.findings["ready"], back.findings["yes"]) == (2, 2)


def test_the_number_chosen_for_a_row_goes_into_the_sheet(client, sent, enqueued):
    found = sent("Nome;Telefone\nAna;11 98765-4321 / 11 91234-5678\nBia;11987654322\n")
    choose(client, found, "some", phone2="+5511912345678")
    enqueued.clear()
    rows = answers_of(client, found, enqueued)
    assert [row[1] for row in rows[1:]] == ["(11) 91234-5678", "(11) 98765-4322"]


def test_no_request_writes_the_sheet(client, sent, enqueued, monkeypatch):
    monkeypatch.setattr(answer_sheet, "write", lambda *_args: pytest.fail("written in a request"))
    found = sent()
    choose(client, found, "some")
    client.post(f"/importacoes/{found.pk}/quem-aceita/")
    client.get(f"/importacoes/{found.pk}/quem-aceita/", headers={"HX-Request": "true"})
    client.get(f"/importacoes/{found.pk}/quem-aceita.xlsx")
    assert enqueued[-1][0] == "blu.tasks.export_answers"


def test_a_list_that_says_who_agreed_has_no_sheet_to_fill_in(client, sent, enqueued):
    found = sent("Nome;Telefone;Aceita\nAna;11987654321;sim\n")
    assert answer_exports.prepared_for(found) is None
    enqueued.clear()
    for address in ("quem-aceita/", "quem-aceita.xlsx"):
        assert client.get(f"/importacoes/{found.pk}/{address}").url.endswith(f"/{found.pk}/")
    client.post(f"/importacoes/{found.pk}/quem-aceita/")
    assert enqueued == []


def test_some_agreed_imports_nothing_until_the_sheet_is_back(client, sent):
    found = sent()
    page = start(client, found, way="some").content.decode()
    assert "Nada é importado até a planilha preenchida voltar." in page
    assert not Contact.objects.exists()


def test_nobody_yet_brings_contacts_without_consent_and_says_what_to_do_next(client, sent):
    found = sent()
    page = choose(client, found, "none")
    assert "O blü não escreve para quem não concordou" in page
    assert "Importe sem consentimento." in page
    assert found.business.address("optin_share") in page
    start(client, found, way="none")
    run_import(found.pk)
    assert Contact.objects.count() == 2
    assert not Consent.objects.exists()


def test_a_wording_stays_as_it_was_read_and_other_words_are_the_next_version(owner):
    business, other = owner.business, make_business()
    first, second = (
        ConsentWording.objects.create(business=business, text=text) for text in ("Aceito.", "Sim.")
    )
    elsewhere = ConsentWording.objects.create(business=other, text="Aceito.")
    versions = [ConsentWording.objects.get(pk=one.pk).version for one in (first, second, elsewhere)]
    assert versions == [1, 2, 1]
    for change in (
        lambda: ConsentWording.objects.filter(pk=first.pk).update(text="Aceito tudo."),
        lambda: ConsentWording.objects.filter(pk=first.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert ConsentWording.objects.get(pk=first.pk).text == "Aceito."


def test_another_business_sheet_is_not_found(client, sent):
    found = sent()
    other = make_business()
    Import.objects.filter(pk=found.pk).update(business=other)
    assert client.post(f"/importacoes/{found.pk}/quem-aceita/").status_code == 404
    assert client.get(f"/importacoes/{found.pk}/quem-aceita.xlsx").status_code == 404


def test_what_is_left_for_later_holds_no_nul(client, sent):
    found = sent()
    choose(client, found, "all", wording="au\0torizo")
    found.refresh_from_db()
    assert found.draft["wording"] == "autorizo"
