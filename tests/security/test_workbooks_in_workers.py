"""No request reads or writes a workbook, nothing that comes out of another process is run as code, and the
doors that a person has to imports are narrow: so many at a time, so many bytes.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import job, uploads
from contacts.imports.job import refuse_too_big, run_import
from contacts.imports.retention import discard_import
from contacts.imports.uploads import receive_upload
from contacts.models import Import
from contacts.spreadsheets import reading
from contacts.spreadsheets.refusals import FileRefused, Refusal
from tests.factories import make_business

ROOT = Path(__file__).resolve().parents[2]
APPS = ("blu", "campaigns", "contacts", "sessions")
# What makes objects, or runs code, of bytes that came from elsewhere.
UNPICKLING = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "jsonpickle",
    "yaml",
}
RUNNING = {"eval", "exec"}
WORKBOOKS = ("openpyxl", "xlsxwriter", "python_calamine", "xlrd", "odf", "pandas")
CSV = "Nome;Telefone;Aceita receber\nAna;(11) 98765-4321;sim\nDê;12;sim\nCid;98765-4323;sim\n"


def modules(words):
    """Of the product, with one of these words: the benchmark's are not in any process of it."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "bench" in path.parts:
                continue
            source = path.read_text()
            if any(word in source for word in words):
                yield path, ast.parse(source)


def test_no_code_of_ours_makes_objects_or_code_of_foreign_bytes():
    found = []
    for path, tree in modules(UNPICKLING | RUNNING | {"multiprocessing"}):
        for node in ast.walk(tree):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names} & UNPICKLING
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]} & UNPICKLING
                # Its queues and pipes unpickle what they receive.
                names |= {"multiprocessing"} & {(node.module or "").split(".")[0]}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = {node.func.id} & RUNNING
            found += [f"{path.relative_to(ROOT)}:{node.lineno} {name}" for name in names]
    # What is read back from the tables of caches, under a signature: tests/security/test_signed_caches.py.
    assert found == ["blu/db/signed_cache.py:10 pickle"]


@pytest.mark.nodes
def test_the_process_of_the_web_knows_no_library_of_workbooks():
    """With every address resolved and every admin page registered."""
    script = (
        "import sys, blu.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
        "from blu.support.discovery import load_admin_pages; load_admin_pages();"
        f"print([name for name in {WORKBOOKS!r} if name in sys.modules])"
    )
    environment = {
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere",
        "BLU_TRIAL": "1",
        "DJANGO_SETTINGS_MODULE": "blu.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def send(client, content=CSV, name="lista.csv"):
    return client.post("/importacoes/nova/", {"file": SimpleUploadedFile(name, content.encode())})


@pytest.mark.django_db
def test_no_page_of_an_import_opens_its_file(client, owner, enqueued, monkeypatch):
    send(client)
    upload = Import.objects.get()
    run_import(upload.pk)
    block(monkeypatch)
    asked = 0
    for part in ("", "colunas/", "conferir/", "andamento/", "erros/", "erros.xlsx"):
        asked += client.get(f"/importacoes/{upload.pk}/{part}").status_code in (200, 302)
    columns = {"column0": "name", "column1": "phone", "column2": "opt_in"}
    posts: tuple[tuple[str, dict[str, object]], ...] = (
        ("erros/", {}),
        ("guardar/", {"tag": "x"}),
        ("colunas/", {"header_row": 1, **columns}),
        ("colunas/", {"header_row": 2, **columns}),
        ("colunas/", {"area_code": "21"}),
        ("iniciar/", {"without": "1"}),
    )
    for part, data in posts:
        Import.objects.update(status=Import.Status.UPLOADED)
        asked += client.post(f"/importacoes/{upload.pk}/{part}", data).status_code == 302
    assert asked == 12
    assert send(client).status_code == 302


def block(monkeypatch) -> None:
    """Whoever opens a sheet from now on fails."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a request opened a spreadsheet")

    for module in list(sys.modules.values()):
        if vars(module).get("open_sheet") is reading.open_sheet:
            monkeypatch.setattr(module, "open_sheet", refuse)
    for name in ("sniff", "open_workbook", "TextFile"):
        monkeypatch.setattr(reading, name, refuse)


@pytest.mark.django_db
def test_waiting_uploads_are_limited_in_number_and_in_bytes(client, owner, enqueued, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_WAITING", 2)
    assert [send(client).status_code for _each in range(2)] == [302, 302]
    assert "Há planilhas demais esperando" in send(client).content.decode()
    assert Import.objects.count() == 2
    discard_import(upload=Import.objects.earliest("pk"))
    assert send(client).status_code == 302
    monkeypatch.setattr(uploads, "MOST_WAITING", 99)
    monkeypatch.setattr(uploads, "MOST_WAITING_BYTES", 2 * len(CSV.encode()))
    assert "já ocupam muito espaço" in send(client).content.decode()


@pytest.mark.django_db
def test_an_upload_looks_for_room_on_the_disk_before_it_is_kept(
    client, owner, enqueued, monkeypatch, settings
):
    settings.LEAST_FREE = 10**18
    assert "não há espaço" in send(client).content.decode()
    assert not Import.objects.exists()


@pytest.mark.django_db
def test_a_disk_that_fills_up_meanwhile_is_told_in_words(client, owner, enqueued, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads.default_storage, "save", full)
    assert "não há espaço" in send(client).content.decode()


@pytest.mark.django_db
def test_one_file_of_a_business_is_read_at_a_time_and_the_next_is_rung_for(
    client, owner, enqueued, as_nobody_else
):
    send(client)
    send(client)
    first, second = Import.objects.order_by("pk")
    with as_nobody_else(owner.business.pk):
        run_import(second.pk)
    second.refresh_from_db()
    assert second.status == Import.Status.READING
    enqueued.clear()
    run_import(first.pk)
    assert enqueued == [("blu.tasks.run_import", (second.pk,))]


@pytest.fixture
def as_nobody_else():
    """Hold a business's turn, as another worker does."""
    from contextlib import contextmanager
    from uuid import uuid4

    from blu.accounts import turns

    @contextmanager
    def held(business_id):
        other = uuid4()
        assert turns.take(job.turn_of(business_id), other, seconds=60)
        yield
        turns.give_back(job.turn_of(business_id), other)

    return held


@pytest.mark.django_db
def test_a_file_that_took_too_much_memory_is_refused_and_its_file_goes(owner, enqueued, tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text(CSV)
    upload = receive_upload(business=owner.business, path=path, name="l.csv", actor=None)
    refuse_too_big(upload.pk)
    upload.refresh_from_db()
    assert (upload.status, upload.refusal) == (Import.Status.REFUSED, Refusal.BOMB)
    assert not uploads.default_storage.exists(upload.stored_as)


def test_what_an_upload_is_told_by_at_once_is_its_first_bytes(tmp_path, monkeypatch):
    """A zip's table of contents may be as long as the file: a worker reads it."""
    from contacts.spreadsheets import sniffing

    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x05\x06" + b"\xff" * 100_000)
    monkeypatch.setattr(sniffing.zipfile, "ZipFile", None)
    monkeypatch.setattr(sniffing.mmap, "mmap", None)
    sniffing.glance(path)
    path.write_bytes(sniffing._OLE + b"\0" * 100_000)
    sniffing.glance(path)
    path.write_bytes(b"<html>")
    with pytest.raises(FileRefused):
        sniffing.glance(path)


@pytest.mark.django_db
def test_what_was_typed_of_a_declaration_is_kept_but_never_the_tick(client, owner, enqueued):
    send(client)
    upload = Import.objects.get()
    run_import(upload.pk)
    typed = {
        "new_topic": "Promoções",
        "source": "paper",
        "wording": "Autorizo sim.",
        "tag": "nov",
        "declared": "on",
    }
    for address, data in (
        ("guardar/", {}),
        ("guardar/", {"columns": "1"}),
        ("colunas/", {"area_code": "21"}),
    ):
        Import.objects.update(draft={}, status=Import.Status.UPLOADED)
        client.post(f"/importacoes/{upload.pk}/{address}", typed | data)
        upload.refresh_from_db()
        assert upload.draft == {name: value for name, value in typed.items() if name != "declared"}
        run_import(upload.pk)
        page = client.get(f"/importacoes/{upload.pk}/conferir/").content.decode()
        assert all(value in page for value in ("Promoções", "Autorizo sim.", 'value="nov"'))
        assert "checked" not in page.split('name="declared"')[1].split(">")[0]
    client.post(f"/importacoes/{upload.pk}/iniciar/", typed)
    upload.refresh_from_db()
    assert (upload.status, upload.draft) == (Import.Status.QUEUED, {})


@pytest.mark.django_db
def test_nothing_is_kept_of_another_business_or_of_what_started(client, owner, enqueued):
    send(client)
    run_import(Import.objects.get().pk)
    Import.objects.update(business=make_business())
    upload = Import.objects.get()
    assert client.post(f"/importacoes/{upload.pk}/guardar/", {"tag": "x"}).status_code == 404
    upload.refresh_from_db()
    assert upload.draft == {}
