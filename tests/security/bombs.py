"""Spreadsheets that are small on the disk and huge in memory, one maker for each kind."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0"?>'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK = (
    f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": WORKBOOK,
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def xlsx(path: Path, sheet: str, strings: str, *, start: str = _HEAD) -> None:
    """A workbook of these cells and shared strings."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, content)
        archive.writestr("xl/sharedStrings.xml", f'{start}<sst xmlns="{_SHEET}">{strings}</sst>')
        data = f'{start}<worksheet xmlns="{_SHEET}"><sheetData>{sheet}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", data)


def one_string(path: Path, rows: int, *, phone: str = "119", noise: int = 0) -> None:
    """The review's recipe: `rows` people, whose 200 cells all point to one string of 501 letters.

    `noise`: bytes for each row that don't shrink, so that the zip's ratio is an honest one. Where
    `phone` begins with nothing valid, each row is kept as a problem.
    """
    titles = ["Nome", "Telefone", *(f"T{n}" for n in range(198))]
    strings = "".join(f"<si><t>{text}</t></si>" for text in ("x" * 501, *titles))
    head = "".join(f'<c t="s"><v>{n + 1}</v></c>' for n in range(200))
    cell = '<c t="s"><v>0</v></c>'
    people = "".join(
        f'<row spans="{os.urandom(noise).hex()}">{cell}<c><v>{phone}{number:08d}</v></c>{cell * 198}</row>'
        for number in range(rows)
    )
    xlsx(path, f"<row>{head}</row>{people}", strings)


_NAMED = '<row><c t="inlineStr"><is><t>Nome</t></is></c><c t="inlineStr"><is><t>Telefone</t></is></c></row>'


def far_cell(path: Path) -> None:
    """One cell at the end of the sheet."""
    xlsx(path, _NAMED + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "")


def wide(path: Path) -> None:
    """16,384 columns in each of many rows."""
    cells = "<c><v>1</v></c>" * 16_384
    xlsx(path, _NAMED + f"<row>{cells}</row>" * 300, "")


def empty_rows(path: Path) -> None:
    """A million rows that hold nothing."""
    xlsx(path, _NAMED + "<row/>" * 1_048_575, "")


def giant_cell(path: Path) -> None:
    """One cell of 60 MB."""
    xlsx(path, _NAMED + '<row><c t="s"><v>0</v></c></row>', f"<si><t>{'x' * 60_000_000}</t></si>")


def giant_strings(path: Path) -> None:
    """100 MB of shared strings that nobody points to, in 100 KB."""
    xlsx(path, _NAMED, f"<si><t>{'x' * 1000}</t></si>" * 100_000)


def nested(path: Path) -> None:
    """Elements within elements, 200,000 deep."""
    xlsx(path, _NAMED + "<row>" * 200_000, "")


def entities(path: Path) -> None:
    """A billion laughs."""
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol" * 10}">' for n in range(10)
    )
    start = f"{_HEAD}<!DOCTYPE sst [{laughs}]>"
    xlsx(path, _NAMED + '<row><c t="s"><v>0</v></c></row>', "<si><t>&l9;</t></si>", start=start)


def repeated_ods(path: Path) -> None:
    """A cell that is there a million times, in a row that is there a million times."""
    office, table, text = (
        f"urn:oasis:names:tc:opendocument:xmlns:{n}:1.0" for n in ("office", "table", "text")
    )
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        f"<text:p>{'x' * 500}</text:p></table:table-cell>"
    )
    content = (
        f'{_HEAD}<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}">'
        '<office:body><office:spreadsheet><table:table table:name="A">'
        f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")


def zip_in_zip(path: Path) -> None:
    """A bomb that holds bombs."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(50_000_000))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(50):
            archive.writestr(f"xl/{number}.zip", inner.getvalue())


def many_entries(path: Path) -> None:
    """A table of contents that is all there is."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/{number}", "")


def one_line_csv(path: Path) -> None:
    """A line without end."""
    path.write_bytes(b"Nome;Telefone\n" + b"x" * 100_000_000)


def one_record_csv(path: Path) -> None:
    """A record without end: a quote in each of its cells, whose lines are short."""
    path.write_bytes(b"Nome;Telefone\n" + b'"x\n' + (b'y" ;"' * 10_000 + b"\n") * 1_000 + b'"\n')


def nul_csv(path: Path) -> None:
    """Nothing but NULs."""
    path.write_bytes(bytes(100_000_000))


def lying_xls(path: Path) -> None:
    """A compound file whose header promises what it doesn't hold."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00"
    path.write_bytes(
        head + b"\xff" * 3_000_000 + "Workbook\0".encode("utf-16-le") + b"\xff" * 3_000_000
    )


BOMBS: dict[str, Callable[[Path], None]] = {
    "the review's recipe": lambda path: one_string(path, 8_000),
    **{
        maker.__name__: maker
        for maker in (
            far_cell, wide, empty_rows, giant_cell, giant_strings, nested, entities, repeated_ods, zip_in_zip,
            many_entries, one_line_csv, one_record_csv, nul_csv, lying_xls,
        )
    },
}  # fmt: skip
