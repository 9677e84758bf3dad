"""Writing a campaign's recipients as a spreadsheet. For workers.

Rows come from a server-side cursor and go to disk as they come, so that a million of them need
little memory.

What people wrote is text in every case: a name or an answer that begins with "=" must not become a
formula on somebody's desk. Moments are dates, at the clock of the business.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from blu.web.phone_display import readable
from campaigns.models import Campaign, Delivery
from campaigns.reports import exports, pages

# A sheet of Excel holds 1,048,576 rows.
SHEET = 1_000_000
CHUNK = 2_000
Cell = str | datetime | None


def export(campaign_id: int, language: str) -> None:
    """The task: write the spreadsheet where campaigns.reports.exports finds it. Repeating it makes it newer."""
    campaign = Campaign.objects.select_related("business").get(pk=campaign_id)
    with translation.override(language or None):
        exports.prepared_for(campaign).make(lambda target: fill(campaign, target))


def fill(campaign: Campaign, target: IO[bytes]) -> None:
    """Write every delivery of the campaign into `target`."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss", "align": "left"})
        sheet: Any = None
        for number, cells in enumerate(_rows(campaign)):
            row = number % SHEET
            if row == 0:
                sheet = _sheet(book, bold, number // SHEET)
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(row + 1, column, cell, moment)
                elif cell:
                    sheet.write_string(row + 1, column, cell)
        if sheet is None:
            _sheet(book, bold, 0)


def _sheet(book: Any, bold: Any, number: int) -> Any:
    name = _("Destinatários")
    sheet = book.add_worksheet(name if number == 0 else f"{name} {number + 1}")
    for column, (title, width) in enumerate(_columns()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _columns() -> tuple[tuple[str, int], ...]:
    """Titles and widths, in the order of `_rows`."""
    return (
        (_("Nome"), 36),
        (_("Telefone"), 18),
        (_("Situação"), 14),
        (_("Motivo"), 34),
        (_("Entrou na fila"), 20),
        (_("Enviado"), 20),
        (_("Entregue"), 20),
        (_("Lido"), 20),
        (_("Respondeu"), 20),
        (_("Resposta"), 50),
        (_("Saiu em"), 20),
        (_("Voltou em"), 20),
    )


def _rows(campaign: Campaign) -> Iterator[tuple[Cell, ...]]:
    """Every delivery with the first answer to it. Answers are asked for a chunk at a time."""
    zone = campaign.business.zone
    words = {value: str(label) for value, label in Delivery._meta.get_field("status").flatchoices}
    reasons = {value: str(label) for value, label in Delivery._meta.get_field("reason").flatchoices}
    gone = _("Dados apagados")
    rows = Delivery.objects.filter(campaign=campaign).order_by("contact_id")
    found = rows.values_list(
        "pk",
        "contact__name",
        "phone",
        "status",
        "reason",
        "queued_at",
        "sent_at",
        "delivered_at",
        "read_at",
        "replied_at",
    ).iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        answers = pages.first_answers([row[0] for row in chunk if row[-1]], "at", "pk")
        for pk, name, phone, status, reason, *moments, replied_at in chunk:
            said = answers.get(pk, pages.Answer(at=replied_at))
            yield (
                *(
                    gone if name is None else name,
                    readable(phone),
                    words[status],
                    reasons.get(reason, ""),
                ),
                *(_moment(moment, zone) for moment in (*moments, said.at)),
                _words(said),
                *(_moment(moment, zone) for moment in (said.left_at, said.back_at)),
            )


def _words(said: pages.Answer) -> str:
    """The answer's text; of an edited one the earlier text as well."""
    before = [_("antes: “%(words)s”") % {"words": words} for words in said.edited_from]
    both = f"{said.words} ({'; '.join(before)})" if before else said.words
    return both[: 2 * pages.LONGEST]


def _moment(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """At the business's clock: a spreadsheet knows no time zones, and shows no fractions of a second."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None
