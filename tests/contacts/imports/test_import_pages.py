"""An import on the pages: upload, check, declare, start, result."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import commit as importing
from contacts.imports import problem_sheet, progress
from contacts.imports.job import run_import
from contacts.imports.uploads import NotNow, start_import
from contacts.models import Consent, Contact, Import, State, Subscription, Topic
from contacts.spreadsheets import limits
from tests.factories import make_business, make_topic

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
pytestmark = pytest.mark.django_db
CSV = (
    "Nome;Telefone;Aceita receber;Plano\n"
    "Ana;(11) 98765-4321;sim;Ouro\nBia;(11) 98765-4322;não;Ouro\nCid;98765-4323;sim;Prata\nDê;12;sim;\n"
)


@pytest.fixture
def upload(client, owner, django_capture_on_commit_callbacks, enqueued):
    """Upload a file, and let the worker read it."""

    def send(content=CSV, name="lista.csv"):
        data = content.encode() if isinstance(content, str) else content
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post("/importacoes/nova/", {"file": SimpleUploadedFile(name, data)})
        if response.status_code == 302:
            assert enqueued == [("blu.tasks.run_import", (Import.objects.get().pk,))]
            run_import(*enqueued.pop()[1])
        return response

    return send


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def page_of(upload: Import, name: str = "") -> str:
    return f"{upload.business.address('import_detail', upload.pk)}{name}"


def rows_to_mend(client, upload: Import, enqueued) -> list[tuple[object, ...]]:
    """The spreadsheet of what was left out: asked for, written by a worker, downloaded."""
    assert client.post(page_of(upload, "erros/")).status_code == 302
    task, arguments = enqueued.pop()
    assert task == "blu.tasks.export_problems"
    assert "Preparando a planilha" in text(client.get(page_of(upload), follow=True))
    problem_sheet.export(*arguments)
    answer = client.get(page_of(upload, "erros.xlsx"))
    assert answer.status_code == 200
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active.values)


DECLARED = {"source": "paper", "wording": "Autorizo.", "declared": "on"}


def test_a_file_is_read_shown_with_its_problems_and_imported(client, owner, upload):
    topic = make_topic(owner.business, "Avisos")
    upload()
    found = Import.objects.get()
    assert found.status == Import.Status.UPLOADED
    page = text(client.get(page_of(found), follow=True))
    for words in (
        "1 telefone sem DDD: usar 11?",
        "Nada foi importado ainda",
        "{{plano}}",
        "faltam ou sobram",
        "Importar 2",
    ):
        assert words in page  # fmt: skip
    assert not Contact.objects.exists()
    response = client.post(page_of(found, "iniciar/"), DECLARED | {"topic": topic.pk, "tag": "nov"})
    assert response.url == page_of(found)
    assert 'data-poll="2"' in text(client.get(page_of(found)))
    run_import(found.pk)
    assert client.get(page_of(found, "andamento/"))["HX-Redirect"] == page_of(found)
    page = text(client.get(page_of(found)))
    assert "2 linhas ficaram de fora" in page
    assert "Autorizo." in page
    granted = Subscription.objects.get()
    assert (granted.contact.name, granted.state) == ("Ana", State.GRANTED)
    assert granted.contact.tags == ["nov"]
    assert not default_storage.exists(found.stored_as)


def test_how_much_of_a_big_file_was_read_is_shown_while_it_is_read(client, upload, monkeypatch):
    pages = []
    monkeypatch.setattr("contacts.imports.preview.CHUNK", 1000)
    note = progress.note

    def noted(pk, share):
        note(pk, share)
        pages.append(client.get(f"/importacoes/{pk}/andamento/").content.decode())

    monkeypatch.setattr(progress, "note", noted)
    upload("Nome;Telefone\n" + "".join(f"Ana;1198{n:07}\n" for n in range(4000)))
    shares = [float(page.split("<progress")[1].split('value="')[1].split('"')[0]) for page in pages]
    assert len(shares) == 5
    assert shares == sorted(shares)
    assert 0.15 < shares[0] < 0.4
    assert shares[-1] == 1.0
    assert "da planilha conferidos" in pages[0]
    assert progress.share_read(Import.objects.get().pk) is None


@pytest.mark.parametrize(
    ("without", "said"),
    [("declared", "Falta marcar a declaração"), ("wording", "Falta o texto"), ("new_topic", "Falta dizer o que")],
)  # fmt: skip
def test_an_incomplete_declaration_starts_nothing(client, upload, without, said):
    upload()
    found = Import.objects.get()
    sent = DECLARED | {"new_topic": "Avisos"}
    del sent[without]
    assert said in text(client.post(page_of(found, "iniciar/"), sent))
    found.refresh_from_db()
    assert found.status == Import.Status.UPLOADED
    assert not Topic.objects.exists()


def test_a_sheet_with_titles_alone_is_called_that(client, upload):
    upload("Nome;Telefone\n")
    page = text(client.get(page_of(Import.objects.get(), "conferir/")))
    assert "A planilha só tem os títulos:" in page


def test_without_an_opt_in_column_the_page_asks_whether_another_is_meant(client, upload):
    upload("Nome;Telefone;Autoriza\nAna;(11) 98765-4321;sim\n")
    page = text(client.get(page_of(Import.objects.get(), "conferir/")))
    assert "Há uma com outro título? Diga qual é." in page


def test_nothing_is_ticked_beforehand(client, upload):
    upload()
    page = text(client.get(page_of(Import.objects.get(), "conferir/")))
    box = page.split('name="declared"')[1].split(">")[0]
    assert "checked" not in box


def test_contacts_can_come_in_without_consent(client, upload):
    upload()
    found = Import.objects.get()
    client.post(page_of(found, "iniciar/"), {"without": "1"})
    run_import(found.pk)
    assert Contact.objects.count() == 2
    assert not Subscription.objects.exists()


def test_a_topic_can_be_named_while_declaring(client, upload):
    upload()
    found = Import.objects.get()
    client.post(page_of(found, "iniciar/"), DECLARED | {"new_topic": "Avisos"})
    run_import(found.pk)
    assert Subscription.objects.get().topic.name == "Avisos"


def test_the_offered_area_code_is_used_only_when_chosen(client, upload):
    upload()
    found = Import.objects.get()
    assert found.findings["reasons"]["missing area code"] == 1
    client.post(page_of(found, "colunas/"), {"area_code": "021"})
    run_import(found.pk)
    found.refresh_from_db()
    assert "missing area code" not in found.findings["reasons"]
    client.post(page_of(found, "iniciar/"), {"without": "1"})
    run_import(found.pk)
    assert Contact.objects.get(name="Cid").phone == "+5521987654323"


def test_an_area_code_that_was_chosen_is_said_and_can_be_taken_back(client, upload):
    upload()
    found = Import.objects.get()
    check = page_of(found, "conferir/")
    page = client.get(check).content.decode()
    # Whose number it is, before anybody says where it is from.
    assert page.index("Cid") < page.index("Usar outro DDD")
    client.post(page_of(found, "colunas/"), {"area_code": "99"})
    run_import(found.pk)
    page = client.get(check).content.decode()
    assert "Telefones sem DDD lidos com o 99" in page
    assert "Tirar o 99" in page
    client.post(page_of(found, "colunas/"), {"area_code": ""})
    run_import(found.pk)
    found.refresh_from_db()
    assert found.findings["reasons"]["missing area code"] == 1
    assert "lidos com o" not in client.get(check).content.decode()


def test_a_single_row_is_no_hint_where_the_others_are_from(client, upload):
    upload("Nome;Celular\nAna;(11) 98765-4321\nCid;98765-4321\n")
    page = client.get(page_of(Import.objects.get(), "conferir/")).content.decode()
    assert "Usar este DDD" in page
    assert "Usar outro DDD" not in page
    assert "usar 11?" not in page


def test_the_back_key_never_shows_a_check_that_is_over(client, upload):
    upload()
    found = Import.objects.get()
    for part in ("conferir/", "colunas/"):
        assert "no-store" in client.get(page_of(found, part)).headers["Cache-Control"]
    client.post(page_of(found, "iniciar/"), {"without": "1"})
    assert client.get(page_of(found, "conferir/")).status_code == 302


def test_columns_can_be_adjusted(client, upload):
    upload(
        "Pessoa atendida;Contato da casa;Celular do vizinho\nAna;(11) 98765-4321;x\n".replace(
            "Celular do vizinho", "Celular"
        )
    )
    found = Import.objects.get()
    assert found.findings["ready"] == 0
    client.post(
        page_of(found, "colunas/"),
        {"header_row": 1, "column0": "name", "column1": "phone", "column2": "ignore"},
    )
    run_import(found.pk)
    found.refresh_from_db()
    assert found.findings["ready"] == 1
    client.post(page_of(found, "iniciar/"), {"way": "none"})
    run_import(found.pk)
    assert Contact.objects.get().name == "Ana"


def test_a_sheet_without_titles_can_still_be_imported(client, upload):
    upload("Telefone;x\nAna;11987654321\n")
    found = Import.objects.get()
    client.post(
        page_of(found, "colunas/"), {"header_row": 0, "column0": "phone", "column1": "ignore"}
    )
    run_import(found.pk)
    found.refresh_from_db()
    client.post(
        page_of(found, "colunas/"), {"header_row": 0, "column0": "name", "column1": "phone"}
    )
    run_import(found.pk)
    found.refresh_from_db()
    assert found.findings["ready"] == 1


def test_a_sheet_without_titles_leads_to_the_columns_with_what_they_look_like(client, upload):
    upload("Ana;(11) 98765-4321\nBia;(11) 98765-4322\n")
    found = Import.objects.get()
    assert client.get(page_of(found, "conferir/")).url == page_of(found, "colunas/")
    assert client.post(page_of(found, "iniciar/"), {"without": "1"}).url == page_of(
        found, "colunas/"
    )
    page = text(client.get(page_of(found), follow=True))
    assert "Não achamos o título da coluna de telefone" in page
    assert "Coluna 2, sem título: (11) 98765-4321" in page
    offered = {"header_row": 0, "column0": "name", "column1": "phone"}
    assert all(f'<option value="{value}" selected>' in page for value in ("name", "phone"))
    client.post(page_of(found, "colunas/"), offered)
    run_import(found.pk)
    assert "Importar 2" in text(client.get(page_of(found), follow=True))
    client.post(page_of(found, "iniciar/"), {"way": "none"})
    run_import(found.pk)
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ana", "Bia"}


def test_a_sheet_without_phones_can_be_adjusted_or_left_for_another(client, upload):
    upload("Nome;Idade\nAna;30\n")
    found = Import.objects.get()
    page = text(client.get(page_of(found), follow=True))
    assert "Diga abaixo qual coluna é a do telefone" in page
    assert "Enviar outra planilha" in page
    fields = {"header_row": 0, "column0": "name", "column1": "ignore"}
    page = text(client.post(page_of(found, "colunas/"), fields))
    assert "Falta dizer qual coluna é a do telefone." in page
    assert not Contact.objects.exists()


def test_another_sheet_can_be_chosen(client, upload):
    book = openpyxl.Workbook()
    book.active.append(["Nome", "Telefone"])
    book.active.append(["Ana", "11987654321"])
    second = book.create_sheet("Segunda")
    second.append(["Cliente", "Celular"])
    second.append(["Bia", "11987654322"])
    out = io.BytesIO()
    book.save(out)
    upload(out.getvalue(), "duas.xlsx")
    found = Import.objects.get()
    fields = {"header_row": 1, "sheet": "Segunda", "column0": "name", "column1": "phone"}
    client.post(page_of(found, "colunas/"), fields)
    run_import(found.pk)
    client.post(page_of(found, "iniciar/"), {"way": "none"})
    run_import(found.pk)
    assert Contact.objects.get().name == "Bia"


@pytest.mark.parametrize(("typed", "header"), [(1, 3), (2, 2)])
def test_titles_of_another_sheet_are_looked_for_unless_their_row_is_told(
    client, upload, typed, header
):
    book = openpyxl.Workbook()
    book.active.append(["Nome", "Telefone"])
    book.active.append(["Ana", "11987654321"])
    second = book.create_sheet("Segunda")
    for row in (["Clínica"], ["Relação"], ["Cliente", "Celular"], ["Bia", "11987654322"]):
        second.append(row)
    out = io.BytesIO()
    book.save(out)
    upload(out.getvalue(), "duas.xlsx")
    found = Import.objects.get()
    fields = {"header_row": typed, "sheet": "Segunda", "column0": "name", "column1": "phone"}
    client.post(page_of(found, "colunas/"), fields)
    run_import(found.pk)
    found.refresh_from_db()
    assert (found.sheet, found.header_row) == ("Segunda", header)


def test_a_bad_file_is_refused_at_once_with_what_to_do(client, upload):
    assert "página da internet" in text(upload("<html></html>", "lista.xlsx"))
    assert "está vazia" in text(upload("", "lista.csv"))
    assert not Import.objects.exists()


def test_a_file_that_only_reading_finds_bad_is_refused_on_its_page(client, upload):
    data = (SAMPLES / "clinica-horizonte.xlsx").read_bytes()
    upload(data[:3000] + bytes(300) + data[3300:], "lista.xlsx")
    found = Import.objects.get()
    page = text(client.get(page_of(found)))
    assert "danificado" in page
    assert "Nada foi importado" in page
    assert not default_storage.exists(found.stored_as)


def test_a_file_too_big_is_refused(client, upload, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 10)
    assert "150 MB" in text(upload())


def test_a_strangers_file_name_never_reaches_the_disk(upload):
    upload(CSV, "..%2f..%2fetc%2fpasswd.csv")
    stored = Import.objects.get().stored_as
    assert "passwd" not in stored
    assert stored.startswith("imports/")


def test_the_rows_to_mend_come_back_as_a_spreadsheet_that_can_be_imported(
    client, owner, upload, enqueued
):
    upload()
    found = Import.objects.get()
    client.post(page_of(found, "iniciar/"), {"without": "1"})
    run_import(found.pk)
    rows = rows_to_mend(client, found, enqueued)
    assert rows[0][:2] == ("Nome", "Telefone")
    assert [row[0] for row in rows[1:]] == ["Cid", "Dê"]
    assert rows[1][-1] == "Telefone sem DDD."
    mended = openpyxl.Workbook()
    for row in (rows[0], ("Cid", "21 98765-4323", *rows[1][2:])):
        mended.active.append(row)
    out = io.BytesIO()
    mended.save(out)
    found.delete()
    upload(out.getvalue(), "corrigida.xlsx")
    again = Import.objects.get()
    client.post(page_of(again, "iniciar/"), {"without": "1"})
    run_import(again.pk)
    assert Contact.objects.get(name="Cid").attributes == {"plano": "Prata"}


MIXED = (
    "Nome;Telefone;Nascimento\n"
    "Ana;(11) 98765-4321;01/05/2999\n"
    "Bia;(11) 98765-4322;\nBia Luz;(11) 98765-4322;\nDê;12;\n;;\nTotal: 4;;\n"
)


def figures(page: str) -> list[int]:
    """The three counts of a page: ready or come in, left out, merged."""
    facts = page.split('class="facts facts--three"')[1].split("</dl>", maxsplit=1)[0]
    return [int(number) for number in re.findall(r'number">(\d+)<', facts)]


def test_the_counts_of_every_page_say_the_same_and_add_up(client, upload, monkeypatch):
    upload(MIXED)
    found = Import.objects.get()
    page = text(client.get(page_of(found, "conferir/")))
    assert figures(page) == [2, 1, 1]
    assert "4 linhas." in page
    assert "Importar 2" in page
    client.post(page_of(found, "iniciar/"), {"way": "none"})
    seen = []
    advance = importing._advance

    def advanced(*arguments):
        advance(*arguments)
        seen.append(text(client.get(page_of(found))))

    monkeypatch.setattr(importing, "_advance", advanced)
    run_import(found.pk)
    assert figures(seen[0]) == [2, 1, 1]
    assert '<strong class="number">4</strong> de <span class="number">4</span> linhas' in seen[0]
    page = text(client.get(page_of(found)))
    assert figures(page) == [2, 1, 1]
    assert "4 linhas." in page
    row = text(client.get("/importacoes/")).split("<tbody")[1]
    assert re.findall(r'table__number number">(\d+)<', row) == ["2", "1"]


def test_a_row_that_came_in_is_told_on_the_page_and_is_no_row_to_mend(client, upload, enqueued):
    upload(MIXED)
    found = Import.objects.get()
    page = text(client.get(page_of(found, "conferir/")))
    assert "1 linha entra, mas confira" in page
    assert "01/05/2999" in page
    assert "1 linha com problema" in page
    client.post(page_of(found, "iniciar/"), {"way": "none"})
    run_import(found.pk)
    assert Contact.objects.get(name="Ana").birth_date is None
    page = text(client.get(page_of(found)))
    assert "1 linha entrou, mas confira" in page
    assert "A data de nascimento ainda não chegou: fica em branco." in page
    rows = rows_to_mend(client, found, enqueued)
    assert [row[0] for row in rows[1:]] == ["Dê"]


def test_a_yes_that_another_column_contradicts_is_told_and_grants_nothing(client, owner, upload):
    topic = make_topic(owner.business, "Avisos")
    upload(
        "Nome;Telefone;Opt-in;Aceita receber\nAna;11987654321;sim;não\nBia;11987654322;sim;sim\n"
    )
    found = Import.objects.get()
    said = "Uma coluna diz “sim” e outra não: a linha não vale como aceite."
    page = text(client.get(page_of(found, "conferir/")))
    assert "1 linha entra, mas confira" in page
    assert "1 com “sim” e “não” no aceite." in page
    assert said in page
    client.post(page_of(found, "iniciar/"), {**DECLARED, "topic": topic.pk})
    run_import(found.pk)
    page = text(client.get(page_of(found)))
    assert said in page
    assert "Pediram para sair" not in page
    assert [consent.contact.name for consent in Consent.objects.all()] == ["Bia"]


def test_what_was_read_before_rows_were_counted_can_still_be_checked(client, upload):
    upload(MIXED)
    found = Import.objects.get()
    found.findings |= {"warnings": found.findings.pop("warned")}
    for problem in found.findings["problems"]:
        del problem["options"]
    found.save()
    page = text(client.get(page_of(found, "conferir/")))
    assert "1 linha entra, mas confira" in page


def test_an_import_with_nothing_left_out_has_no_rows_to_mend(client, upload):
    upload("Nome;Telefone;Nascimento\nAna;(11) 98765-4321;31/02/1980\n")
    found = Import.objects.get()
    assert client.get(page_of(found, "erros.xlsx")).status_code == 404
    client.post(page_of(found, "iniciar/"), {"way": "none"})
    run_import(found.pk)
    assert "erros/" not in text(client.get(page_of(found)))
    assert client.get(page_of(found, "erros.xlsx")).status_code == 404
    assert client.post(page_of(found, "erros/")).status_code == 404


def test_the_reasons_are_counted_in_words_that_fit_their_number(client, upload):
    upload("Nome;Telefone\nAna;1,19E+10\nBia;12\nCid;13\nDê;\n")
    page = text(client.get(page_of(Import.objects.get(), "conferir/")))
    said = "1 telefone a que falta um número · 2 telefones que não existem · 1 sem telefone."
    assert said in page


TWO = "Nome;Telefone\nAna;11 98765-4321 / 11 91234-5678\nBia;11 98765-4322 / 11 91234-5679\n"


def test_which_of_two_phones_is_meant_is_asked_and_obeyed(client, upload, enqueued):
    upload(TWO)
    found = Import.objects.get()
    page = text(client.get(page_of(found, "conferir/")))
    assert page.count("Há dois números na mesma célula. Qual é o do WhatsApp?") == 2
    assert '<option value="+5511912345678">(11) 91234-5678</option>' in page
    client.post(
        page_of(found, "iniciar/"),
        {"way": "none", "phone2": "+5511912345678", "phone3": "leave out", "tag": ""},
    )
    run_import(found.pk)
    assert [c.phone for c in Contact.objects.all()] == ["+5511912345678"]
    found.refresh_from_db()
    assert (found.imported, found.errors) == (1, 1)
    page = text(client.get(page_of(found)))
    assert "mas confira" not in page
    rows = rows_to_mend(client, found, enqueued)
    assert rows[1][0] == "Bia"
    assert "escolheu deixar" in str(rows[1][-1])


def test_starting_keeps_the_columns_that_the_worker_found(owner, upload):
    """Also for a caller who holds the import as it was sent."""
    upload()
    sent = Import(pk=Import.objects.get().pk, business=owner.business)
    start_import(upload=sent, actor=owner.user)
    run_import(sent.pk)
    sent.refresh_from_db()
    assert (sent.imported, sent.errors) == (2, 2)


def test_without_a_choice_the_first_phone_comes_in_and_the_result_says_so(client, upload):
    upload(TWO)
    found = Import.objects.get()
    client.post(page_of(found, "iniciar/"), {"way": "none", "phone2": "", "phone3": ""})
    run_import(found.pk)
    assert Contact.objects.get(name="Ana").phone == "+5511987654321"
    page = text(client.get(page_of(found)))
    assert "2 linhas entraram, mas confira" in page
    assert "Há mais de um número na mesma célula: vale o primeiro." in page


def test_a_number_that_the_cell_does_not_have_cannot_be_chosen(client, upload):
    upload(TWO)
    found = Import.objects.get()
    client.post(page_of(found, "iniciar/"), {"phone2": "+5511900000000"})
    found.refresh_from_db()
    assert found.status == Import.Status.UPLOADED


def test_where_nothing_can_be_imported_the_page_says_what_to_do(client, upload, enqueued):
    upload("Nome;Telefone\nAna;12\nBia;\n")
    found = Import.objects.get()
    page = text(client.get(page_of(found, "conferir/")))
    assert "Nenhuma linha está pronta para importar." in page
    assert "corrija os telefones e envie de novo" in page
    assert "Escolher outra planilha" in page
    assert page_of(found, "erros/") in page
    rows = rows_to_mend(client, found, enqueued)
    assert [row[0] for row in rows[1:]] == ["Ana", "Bia"]


def test_without_javascript_the_page_of_a_working_import_goes_on(client, owner, upload):
    upload()
    found = Import.objects.get()
    start_import(upload=found, actor=owner.user)
    page = text(client.get(page_of(found)))
    head = page.split("</head>")[0]
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in head
    run_import(found.pk)
    assert "http-equiv" not in text(client.get(page_of(found)))


def test_starting_twice_starts_once(client, owner, upload):
    upload()
    found = Import.objects.get()
    start_import(upload=found, actor=owner.user)
    with pytest.raises(NotNow):
        start_import(upload=found, actor=owner.user)
    assert client.post(page_of(found, "iniciar/"), {"without": "1"}).url == page_of(found)


@pytest.mark.parametrize("name", ["colunas/", "conferir/"])
def test_going_back_to_an_import_that_went_on_shows_what_became_of_it(client, owner, upload, name):
    upload()
    found = Import.objects.get()
    start_import(upload=found, actor=owner.user)
    assert client.get(page_of(found, name)).url == page_of(found)


@pytest.mark.parametrize("name", ["", "colunas/", "conferir/", "andamento/", "erros.xlsx"])
def test_an_import_of_another_business_is_not_found(client, owner, name):
    theirs = Import.objects.create(business=make_business(), file_name="x.csv", stored_as="x")
    assert client.get(f"/importacoes/{theirs.pk}/{name}").status_code == 404
    assert client.post(f"/importacoes/{theirs.pk}/iniciar/").status_code == 404


def test_a_topic_of_another_business_cannot_be_declared(client, owner, upload):
    make_topic(owner.business)
    foreign = make_topic(make_business())
    upload()
    found = Import.objects.get()
    client.post(page_of(found, "iniciar/"), DECLARED | {"topic": foreign.pk})
    found.refresh_from_db()
    assert found.status == Import.Status.UPLOADED
    assert found.topic is None
