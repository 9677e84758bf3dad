"""Formats are told by content, encodings in one order, and bad files are refused in one sentence."""

import datetime
import io
import os
import zipfile
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter

from contacts.spreadsheets import limits
from contacts.spreadsheets.dry_run import dry_run
from contacts.spreadsheets.reading import open_sheet
from contacts.spreadsheets.refusals import FileRefused, Refusal

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
TODAY = datetime.date(2026, 11, 24)
TEXT = (
    "Nome;Telefone;Nascimento;Aceita receber\r\n"
    "João;(11) 98765-4321;01/02/1980;sim\r\n"
    "\r\n"
    "Álvaro;11 3333-4444;1/2/80;não\r\n"
)


@pytest.fixture
def report(tmp_path):
    """The dry run of a file of this content."""

    def of(content, name="contatos.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return dry_run(path, today=TODAY)

    return of


ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with BOM": TEXT.encode("utf-8-sig"),
    "Windows-1252": TEXT.encode("cp1252"),
    "UTF-16 LE": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "UTF-16 BE": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "NUL characters": TEXT.replace("João", "Jo\0ão\0").encode(),
    "tabs": TEXT.replace(";", "\t").encode(),
    "commas": TEXT.replace(";", ",").encode(),
    "LF": TEXT.replace("\r\n", "\n").encode(),
    "CR": TEXT.replace("\r\n", "\r").encode(),
    "no last line end": TEXT.rstrip().encode(),
    "quoted": b'"' + TEXT.strip().replace(";", '";"').replace("\r\n", '"\r\n"').replace('\r\n""\r\n', "\r\n\r\n").encode() + b'"\r\n',
}  # fmt: skip


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED.keys())
def test_text_is_read_in_every_encoding_and_with_every_separator(report, content):
    found = report(content)
    assert found["error"] is None
    assert [(c["name"], c["phone"], c["birth_date"], c["opt_in"]) for c in found["contacts"]] == [
        ("João", "+5511987654321", "1980-02-01", True),
        ("Álvaro", "+551133334444", "1980-02-01", False),
    ]


def test_a_quoted_cell_with_line_breaks_is_one_row(report):
    found = report(TEXT + '"Maria\r\nda Luz";11 98765-1111;;x\r\nZé;12;;\r\n')
    assert found["contacts"][2]["name"] == "Maria da Luz"
    assert found["errors"] == [{"row": 6, "reason": "invalid phone"}]


def test_a_quote_inside_a_name_is_part_of_it(report):
    assert (
        report(TEXT + 'Zé "Bolinha" Dias;11 98765-1111;;\r\n')["contacts"][2]["name"]
        == 'Zé "Bolinha" Dias'
    )


def test_windows_bytes_without_a_meaning_refuse_nothing(report):
    found = report(b"Nome;Telefone\nJo\xe3o\x81;11987651234\n")
    assert found["imported"] == 1


def test_a_column_of_phones_alone_is_enough(report):
    found = report("Telefone\r\n11 98765-4321\r\n11 3333-4444, 11 98765-4322\r\n")
    assert [c["phone"] for c in found["contacts"]] == ["+5511987654321", "+5511987654322"]


def encrypted_ods():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", os.urandom(64))
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    return out.getvalue()


@cache
def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _n in range(200):
                sheet.write(b" " * 1_000_000)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
CLEAN = (SAMPLES / "clinica-horizonte.xlsx").read_bytes()
BAD = {
    "nothing": (b"", Refusal.EMPTY),
    "a BOM alone": (b"\xef\xbb\xbf", Refusal.EMPTY),
    "blank rows": (b"\r\n;;;\r\n  ;;\r\n", Refusal.EMPTY),
    "HTML": (b"\xef\xbb\xbf \r\n<HTML><table>", Refusal.HTML),
    "contacts of a phone": (b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:+5511900001111\r\n", Refusal.VCARD),
    "HTML in UTF-16": ("<html>".encode("utf-16"), Refusal.HTML),
    "XML of 2003": (b'<?xml version="1.0"?><Workbook/>', Refusal.HTML),
    "an encrypted xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), Refusal.PASSWORD),
    "an encrypted ods": (encrypted_ods(), Refusal.PASSWORD),
    "a PDF": (b"%PDF-1.7 xx", Refusal.NOT_A_SHEET),
    "noise": (bytes(range(1, 256)) * 8, Refusal.NOT_A_SHEET),
    "a Word document": (OLE + "WordDocument".encode("utf-16-le"), Refusal.NOT_A_SHEET),
    "half an xlsx": (CLEAN[: len(CLEAN) // 2], Refusal.DAMAGED),
    "an xlsx with a hole": (CLEAN[:3000] + bytes(300) + CLEAN[3300:], Refusal.DAMAGED),
    "half an xls": ((SAMPLES / "fichario.xls").read_bytes()[:2048], Refusal.DAMAGED),
    "half a character of UTF-16": (b"\xff\xfe" + TEXT.encode("utf-16-le") + b"x", Refusal.DAMAGED),
    "a bomb": (bomb, Refusal.BOMB),
    "an open quote": (TEXT.encode() + b'"Maria;11 98765-1111\r\n;;\r\n', Refusal.OPEN_QUOTE),
    "an endless cell": (b'Nome;Telefone\n"' + b"a" * 200_000 + b'";1', Refusal.LONG_CELL),
    "no phone column": (b"Nome;Idade\nAna;30\n", Refusal.NO_PHONE_COLUMN),
}


@pytest.mark.parametrize("content_and_refusal", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("name", ["contatos.xlsx", "contatos.csv"])
def test_a_bad_file_is_refused_in_one_sentence(report, content_and_refusal, name):
    content, refusal = content_and_refusal
    found = report(content() if callable(content) else content, name)
    assert not found["ok"]
    assert found["error"] == str(refusal.label)
    assert found["contacts"] == []


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "contatos.csv"
    with path.open("wb") as file:
        file.truncate(limits.MAX_BYTES + 1)
    with pytest.raises(FileRefused, match="150 MB"), open_sheet(path):
        pass


@pytest.mark.parametrize("name", ["dados.xls", "dados.csv", "dados"])
def test_the_name_of_a_file_says_nothing(report, name):
    assert report(CLEAN, name)["imported"] == 300


@pytest.fixture
def workbook(tmp_path, report):
    """The dry run of a workbook that a function fills."""

    def of(fill):
        path = tmp_path / "feita.xlsx"
        book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
        fill(book)
        book.close()
        return dry_run(path, today=TODAY)

    return of


def test_the_first_sheet_that_is_not_empty_is_read(workbook):
    def fill(book):
        book.add_worksheet("Vazia").write(0, 0, "  ")
        sheet = book.add_worksheet("Pacientes")
        sheet.write_row(4, 2, ["Cliente", "WhatsApp"])
        sheet.write_row(5, 2, ["Ana", 11987654322])
        sheet.write_row(6, 2, ["Bia", "123"])
        book.add_worksheet("Outra").write_row(0, 0, ["Nome", "Telefone"])

    found = workbook(fill)
    assert [c["name"] for c in found["contacts"]] == ["Ana"]
    assert found["errors"] == [{"row": 7, "reason": "invalid phone"}]


def test_a_cover_sheet_without_phones_is_passed_over(workbook):
    def fill(book):
        book.add_worksheet("Capa").write(0, 0, "Relatório de pacientes")
        sheet = book.add_worksheet("Pacientes")
        sheet.write_row(0, 0, ["Nome", "Telefone"])
        sheet.write_row(1, 0, ["Ana", 11987654322])

    assert workbook(fill)["imported"] == 1


def test_formulas_give_their_stored_value_and_excel_errors_nothing(workbook):
    def fill(book):
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nome", "Telefone", "Nascimento", "Opt-in"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 1, "=A9*1", None, 11987654321)
        sheet.write_datetime(1, 2, datetime.datetime(1980, 5, 1, 12), day)
        sheet.write_boolean(1, 3, True)

    assert workbook(fill)["contacts"] == [
        {"name": "", "phone": "+5511987654321", "birth_date": "1980-05-01", "opt_in": True, "flags": []}
    ]  # fmt: skip


def test_a_cell_at_the_end_of_the_world_fills_no_memory(workbook):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nome", "Telefone"])
        sheet.write(1_048_575, 16_383, "x")

    found = workbook(fill)
    assert found["error"] == str(Refusal.BOMB.label)


def test_the_reader_of_a_workbook_leaves_no_process_behind(tmp_path):
    before = set(os.listdir("/proc"))
    with open_sheet(SAMPLES / "clinica-horizonte.xlsx") as sheet:
        assert sheet.header().row == 1
    children = {
        pid
        for pid in set(os.listdir("/proc")) - before
        if pid.isdigit() and _parent(pid) == os.getpid()
    }
    assert not children


def _parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_how_much_of_a_text_was_read_is_told_by_bytes(tmp_path, encoding):
    path = tmp_path / "contatos.csv"
    path.write_text(TEXT + "Zé;(11) 98765-4321;;\n" * 10_000, encoding=encoding, newline="")
    with open_sheet(path) as sheet:
        shares = [sheet.share(number) for number, _row in sheet.rows]
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert 0.4 < shares[len(shares) // 2] < 0.6
    assert shares[-1] > 0.9


def test_how_much_of_a_workbook_was_read_is_told_by_rows():
    with open_sheet(SAMPLES / "clinica-horizonte.xlsx") as sheet:
        assert sheet.share(0) == 0
        assert sheet.share(sheet.count()) == 1
