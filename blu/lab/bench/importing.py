"""bench import: a spreadsheet of people who all agreed, against COPYing what it writes.

The floor puts exactly the rows that the import wrote into the same tables, emptied, with their
indexes and triggers: contacts, consents, subscriptions, a transaction for each.
"""

import csv
import multiprocessing as mp
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter
from django.conf import settings
from django.db import connection, connections, transaction
from python_calamine import CalamineWorkbook

from blu.accounts.models import Business
from blu.lab.bench import seeding
from blu.lab.bench.measuring import Figure, peak_mb, reset_peak, seconds
from contacts.imports.declarations import Declaration
from contacts.imports.uploads import import_file
from contacts.models import Contact, Source, Topic

ROWS = 1_000_000
HEADER = ("Nome", "Telefone", "Nascimento", "Plano", "Unidade", "Aceita receber mensagens")
TABLES = ("contacts_contact", "contacts_consent", "contacts_subscription")
CODES = ("11", "21", "31", "41", "51", "61", "71", "81")
PLANS = ("Família", "Individual", "Sênior")


def measure(rows: int) -> Iterator[Figure]:
    """A csv file and its floor, then the same people as xlsx."""
    sheets = [settings.VAR / "people.csv", settings.VAR / "people.xlsx"]
    for sheet, write in zip(sheets, (_write_csv, _write_xlsx), strict=True):
        _elsewhere(write, sheet, rows)
    business = seeding.business("Import")
    reset_peak()
    by_csv = seconds(lambda: _import(business, sheets[0], rows))
    peak = peak_mb()
    copied = _copy_again()
    yield Figure(
        bench="import csv", rows=rows, unit="seconds", figure=by_csv, floor=copied, peak_mb=peak,
        target="<= 2.5 and <= 200 MB", more={"rows_per_second": round(rows / by_csv)},
    )  # fmt: skip
    _empty()
    reset_peak()
    by_xlsx = seconds(lambda: _import(business, sheets[1], rows))
    peak = peak_mb()
    reading = seconds(lambda: _only_read(sheets[1]))
    yield Figure(
        bench="import xlsx", rows=rows, unit="seconds", figure=by_xlsx,
        floor=1.3 * by_csv + reading, peak_mb=peak, target="<= 1 (floor: 1.3 x csv + calamine)",
        more={"csv_seconds": round(by_csv, 3), "calamine_seconds": round(reading, 3)},
    )  # fmt: skip


def _people(rows: int) -> Iterator[tuple[str, ...]]:
    for n in range(rows):
        phone = f"({CODES[n % 8]}) 9{8000 + n % 2000}-{n // 2000:04d}"
        born = f"{1 + n % 28:02d}/{1 + n % 12:02d}/{1950 + n % 50}"
        yield f"Pessoa {n} da Silva", phone, born, PLANS[n % 3], "Centro", "Sim"


def _elsewhere(write: Callable[[Path, int], None], path: Path, rows: int) -> None:
    """In a process of its own, so that the memory it takes is not the import's."""
    connections.close_all()
    process = mp.get_context("fork").Process(target=write, args=(path, rows))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{path.name} was not written")


def _write_csv(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(_people(rows))


def _write_xlsx(path: Path, rows: int) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Pacientes")
    sheet.write_row(0, 0, HEADER)
    for number, person in enumerate(_people(rows), start=1):
        sheet.write_row(number, 0, person)
    book.close()


def _import(business: Business, sheet: Path, rows: int) -> None:
    topic, _created = Topic.objects.get_or_create(business=business, name="Novidades")
    declaration = Declaration(topic=topic, source=Source.PAPER, wording="Aceito receber mensagens.")
    done = import_file(business=business, path=sheet, declaration=declaration)
    if (done.imported, done.granted) != (rows, rows):
        raise RuntimeError(f"{done.imported} imported, {done.granted} granted of {rows}")


def _copy_again() -> float:
    """Take out what is there, empty the tables and COPY it back; only the last is timed."""
    for table in TABLES:
        with (
            connection.cursor() as cursor,
            _dump(table).open("wb") as file,
            cursor.copy(f"COPY {table} TO STDOUT") as copy,
        ):
            file.writelines(copy)
    _empty()
    return sum(seconds(lambda table=table: _copy(table)) for table in TABLES)  # type: ignore[misc]


def _copy(table: str) -> None:
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        _dump(table).open("rb") as file,
        cursor.copy(f"COPY {table} FROM STDIN") as copy,
    ):
        while block := file.read(1 << 20):
            copy.write(block)


def _dump(table: str) -> Path:
    path: Path = settings.VAR / f"{table}.copy"
    return path


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    assert not Contact.objects.exists()


def _only_read(sheet: Path) -> None:
    """calamine's own time for the rows, nothing made of them."""
    rows = CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).iter_rows()
    assert sum(1 for _row in rows) > 1
