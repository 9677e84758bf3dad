"""What a spreadsheet's owner was promised to be left out is kept nowhere: in no table, no file, no download."""

import io
import os
import time
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from contacts.imports import files, problem_sheet
from contacts.imports.job import run_import
from contacts.models import Import, ImportProblem, RetentionRun
from contacts.retention import nightly
from contacts.spreadsheets.header import Field, header_at, is_sensitive
from contacts.spreadsheets.labels import REASONS
from contacts.spreadsheets.rows import MUCH_DATA, TOLD_BY_STOPS
from tests.factories import make_membership, make_topic

pytestmark = pytest.mark.django_db

CANARY = "canario-529"
# Each kind of document, health detail and free note, in the dresses that spreadsheets put on it.
TITLES = (
    "CPF", "C.P.F.", "cpf do titular", "Nº do CPF", "NrCPF", "CPF/CNPJ", "RG", "R.G.", "Identidade",
    "Documento", "CNH", "CNS", "Cartão SUS", "Passaporte", "PIS/PASEP", "Prontuário", "nº prontuario",
    "Senha", "Password", "Diagnóstico", "diagnóstico principal", "Hipótese diagnóstica", "CID", "CID-10",
    "C.I.D. 10", "Doença", "Alergias", "Medicamentos em uso", "Remédio", "Exames", "Laudo", "Carteirinha",
    "Nº da carteira", "convênio nº", "Número do convênio", "Cartão", "Religião", "Raça", "Raça/cor", "Etnia",
    "Sexualidade", "Orientação sexual", "Gênero", "Observações", "Obs.", "Anotações", "Anamnese",
    "Conta bancária", "Chave PIX", "NumRG", "RGPaciente", "RNE", "Registro Geral", "Titulo eleitor", "Certidão",
    "Habilitação", "CodCID", "CID principal", "Diag.", "Dx", "Queixa principal", "Quadro clínico", "Histórico médico",
    "Condições de saúde", "Problema de saúde", "Tratamento atual", "Cirurgias", "Internação", "Diabetes", "Fumante",
    "Fator sanguíneo", "Nº Cart.", "Cód. do beneficiário", "Beneficiário nº", "Nº Unimed", "Registro ANS", "Member ID",
    "Insurance number", "Comentários", "Notas", "Note", "Remarks", "Recado", "Passwd", "pwd", "PIN", "Token",
    "Blood type", "Saúde", "Pront.",
)  # fmt: skip
# What only looks like it: the name of a plan, of a branch, of who attends.
KEPT = (
    "Plano", "Plano de saúde", "Convênio", "Clínica", "Médico", "Psicólogo", "Cirurgião", "Cidade", "Código", "Unimed",
    "Procedência", "Profissional", "Carro", "Notificação", "Passeio", "Rgb", "Assinatura", "Acidente", "Tratamento",
)  # fmt: skip
HEAD = ("Nome", "Telefone", "Nascimento", "Aceita receber", "Opt-in", "Etiquetas", "Plano")
MANY = ",".join(f"e{n}" for n in range(30))
# A row of each kind of problem: without one, its test says so.
ROWS = {
    "missing area code": ("Ana", "98765-4321", "", "sim", "", "", ""),
    "phone lost digits": ("Ana", "(11) 99887-766", "", "sim", "", "", ""),
    "invalid phone": ("Ana", "12", "", "sim", "", "", ""),
    "no phone": ("Ana", "", "", "sim", "", "", ""),
    "left out": ("Ana", "11 98765-4301 / 11 91234-5601", "", "", "", "", ""),
    "several phones": ("Ana", "11 98765-4302 / 11 91234-5602", "", "", "", "", ""),
    "invalid date": ("Ana", "11987654303", "31/02/1980", "", "", "", ""),
    "future date": ("Ana", "11987654304", "01/01/2999", "", "", "", ""),
    "long name": ("A" * 250, "11987654305", "", "", "", "", ""),
    "long tag": ("Ana", "11987654306", "", "", "", "t" * 50, ""),
    "many tags": ("Ana", "11987654307", "", "", "", MANY, ""),
    "long text": ("Ana", "11987654308", "", "", "", "", "p" * 600),
    "mixed answers": ("Ana", "11987654309", "", "sim", "não", "", ""),
}
TOLD_BY_THE_DATABASE = {*TOLD_BY_STOPS, MUCH_DATA}


def test_every_kind_of_problem_has_its_row_here():
    assert set(ROWS) | TOLD_BY_THE_DATABASE == set(REASONS)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_of_the_kind_is_left_out(title):
    assert is_sensitive(title)
    header = header_at([["Nome", "Telefone", title]], 1)
    assert header.columns[2].field == Field.IGNORE


def test_what_only_sounds_like_it_comes_in():
    assert [title for title in KEPT if is_sensitive(title)] == []


def sheet(titles=TITLES) -> bytes:
    """Rows of every kind of problem, a good one among them, with a canary in each column of `titles`."""
    book = openpyxl.Workbook()
    book.active.append([*HEAD, *titles])
    good = ("Bia", "11987654300", "01/02/1980", "sim", "", "vip", "Ouro")
    for row in (good, *ROWS.values()):
        # One cell more than there are titles: it belongs to no column at all.
        book.active.append([*row, *(f"{CANARY}-{n}" for n in range(len(titles) + 1))])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def kept_in_tables() -> list[str]:
    """The tables with the canary anywhere in a row, whatever the column."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s", [f"%{CANARY}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def kept_on_disk(upload: Import) -> list[str]:
    """The files below the shared folder with the canary in them; workbooks are looked through as such."""
    uploads = Path(default_storage.path(""))
    files = [
        path for path in uploads.rglob("*") if path.is_file() and path.name != upload_name(upload)
    ]
    return [str(path) for path in files if CANARY in readable(path.read_bytes())]


def upload_name(upload: Import) -> str:
    return upload.stored_as.rsplit("/", 1)[-1]


def readable(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return content.decode("latin-1")
    book = openpyxl.load_workbook(io.BytesIO(content))
    return repr([list(one.values) for one in book.worksheets])


@pytest.fixture(autouse=True)
def shared(settings, tmp_path):
    """A shared folder of the test's own."""
    stored = settings.STORAGES
    options = {**stored["default"]["OPTIONS"], "location": tmp_path}
    settings.STORAGES = stored | {"default": {**stored["default"], "OPTIONS": options}}


@pytest.fixture
def send(client, owner, enqueued, django_capture_on_commit_callbacks):
    """Upload a file and let the worker read it."""

    def now(content: bytes) -> Import:
        file = SimpleUploadedFile("lista.xlsx", content)
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/importacoes/nova/", {"file": file})
        found = Import.objects.latest("pk")
        run_import(found.pk)
        enqueued.clear()
        found.refresh_from_db()
        assert found.status == Import.Status.UPLOADED, found.refusal
        return found

    return now


def pages(client, upload: Import) -> str:
    """All that is shown or downloaded of an import at this moment."""
    shown = ""
    for part in ("", "colunas/", "conferir/", "erros.xlsx"):
        answer = client.get(f"/importacoes/{upload.pk}/{part}", follow=True)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        shown += readable(content)
    return shown


def test_nothing_of_a_column_that_is_left_out_is_kept_of_any_row(client, owner, send, enqueued):
    found = send(sheet())
    assert set(found.findings["reasons"]) == set(ROWS) - {"left out"}
    client.post(f"/importacoes/{found.pk}/erros/")
    problem_sheet.export(*enqueued.pop()[1])
    assert kept_in_tables() == []
    assert kept_on_disk(found) == []
    assert CANARY not in pages(client, found)
    topic = make_topic(owner.business)
    declared = {"topic": topic.pk, "source": "paper", "wording": "Sim", "declared": "on"}
    first_question = next(p for p in found.findings["problems"] if p["options"])
    client.post(
        f"/importacoes/{found.pk}/iniciar/",
        declared | {f"phone{first_question['row']}": "leave out"},
    )
    run_import(found.pk)
    found.refresh_from_db()
    assert found.status == Import.Status.DONE
    assert set(ImportProblem.objects.values_list("reason", flat=True)) == set(ROWS)
    client.post(f"/importacoes/{found.pk}/erros/")
    problem_sheet.export(*enqueued.pop()[1])
    assert "98765-4321" in readable(
        b"".join(client.get(f"/importacoes/{found.pk}/erros.xlsx").streaming_content)
    )
    assert kept_in_tables() == []
    assert kept_on_disk(Import(stored_as="none")) == []
    assert CANARY not in pages(client, found)


def test_a_column_that_a_person_switches_off_is_kept_no_longer(client, send):
    """Whatever its title: "Plano" is plain data until somebody leaves it out."""
    content = sheet(titles=("Segredo",))
    found = send(content)
    fields = {f"column{column['index']}": column["field"] for column in found.columns["columns"]}
    off = fields | {f"column{len(HEAD)}": "ignore", "header_row": 1}
    client.post(f"/importacoes/{found.pk}/colunas/", off)
    run_import(found.pk)
    found.refresh_from_db()
    assert found.findings["problems"]
    client.post(f"/importacoes/{found.pk}/iniciar/", {"without": "1"})
    run_import(found.pk)
    assert ImportProblem.objects.exists()
    assert kept_in_tables() == []
    assert kept_on_disk(Import(stored_as="none")) == []


def test_a_column_without_a_title_is_kept_until_somebody_leaves_it_out(client, send):
    """Until then its first values are all that tells what it is; they lie beside the file itself."""
    found = send(f"Ana;11987654321;{CANARY}\nBia;12;{CANARY}\n".encode())
    assert len(kept_on_disk(found)) == 1
    told = {"header_row": 0, "column0": "name", "column1": "phone", "column2": "ignore"}
    client.post(f"/importacoes/{found.pk}/colunas/", told)
    run_import(found.pk)
    assert kept_in_tables() == []
    assert kept_on_disk(found) == []


@pytest.mark.parametrize("end", ["descartar/", "iniciar/", "colunas/"])
def test_sheets_of_what_was_left_out_go_with_what_they_were_made_of(
    client, send, enqueued, end, django_capture_on_commit_callbacks
):
    """They held people for a day after the file was gone, one for each meaning of the columns."""
    found = send(sheet())
    problem_sheet.export(found.pk, "pt-br")
    assert sheets() != []
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/importacoes/{found.pk}/{end}", {"without": "1", "area_code": "21"})
        run_import(found.pk)
    assert sheets() == []


def sheets() -> list[Path]:
    return list(Path(default_storage.path("")).rglob("*.xlsx"))


def test_of_rows_that_come_in_and_of_findings_only_what_the_page_tells_is_kept(client, send):
    found = send(sheet(titles=("Apelido secreto",)))
    assert CANARY not in repr(found.findings)
    client.post(f"/importacoes/{found.pk}/iniciar/", {"without": "1"})
    run_import(found.pk)
    came_in = ImportProblem.objects.exclude(field="")
    assert came_in.count() > 5
    assert CANARY not in repr(list(came_in.values_list("values", flat=True)))
    found.refresh_from_db()
    assert "problems" not in found.findings


def test_a_title_of_a_column_that_is_left_out_goes_with_the_file(client, send):
    found = send(sheet(titles=(f"CPF {CANARY}",)))
    client.post(f"/importacoes/{found.pk}/iniciar/", {"without": "1"})
    run_import(found.pk)
    assert kept_in_tables() == []


@pytest.mark.parametrize("role", ["owner", "receptionist", "viewer"])
def test_who_only_looks_downloads_no_rows(client, owner, send, enqueued, role):
    found = send(sheet())
    client.post(f"/importacoes/{found.pk}/iniciar/", {"without": "1"})
    run_import(found.pk)
    client.force_login(make_membership(owner.business, role).user)
    allowed = role != "viewer"
    assert client.post(f"/importacoes/{found.pk}/erros/").status_code == (302 if allowed else 403)
    assert len(enqueued) == allowed
    page = client.get(f"/importacoes/{found.pk}/").content.decode()
    assert (f"/importacoes/{found.pk}/erros/" in page or "Preparando" in page) == allowed
    problem_sheet.export(found.pk, "pt-br")
    answer = client.get(f"/importacoes/{found.pk}/erros.xlsx")
    assert answer.status_code == (200 if allowed else 403)


def test_rows_with_a_problem_go_after_a_month_and_the_page_says_so(client, send):
    found = send(sheet())
    client.post(f"/importacoes/{found.pk}/iniciar/", {"without": "1"})
    run_import(found.pk)
    for days, kept in ((29, True), (31, False)):
        Import.objects.update(finished_at=timezone.now() - timedelta(days=days))
        night = RetentionRun.objects.create(business=found.business, day=date(2026, 1, days))
        assert nightly.run(night.pk)
        assert ImportProblem.objects.exists() == kept
    page = client.get(f"/importacoes/{found.pk}/").content.decode()
    assert "já foram apagadas" in page
    assert client.get(f"/importacoes/{found.pk}/erros.xlsx").status_code == 404


def test_files_of_no_import_under_way_are_swept(send):
    found = send(sheet())
    stray = default_storage.path(f"{files.FOLDER}/{found.business_id}/left-behind")
    with open(stray, "w") as file:
        file.write(CANARY)
    old = time.time() - 2 * 86_400
    for path in (stray, default_storage.path(found.stored_as)):
        os.utime(path, (old, old))
    assert files.sweep() >= 1
    assert not os.path.exists(stray)
    assert default_storage.exists(found.stored_as)
