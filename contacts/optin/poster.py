"""The poster of a topic's page: one sheet of A4, drawn once and written as PDF (its words are text) or as PNG.

All lengths are millimetres from the upper left corner, sizes of letters points. What people typed is limited by its
columns, so a poster takes a few hundredths of a second to make.
"""

import io
from functools import cache
from typing import NamedTuple, Protocol

import segno
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from blu.web import pdf as letters
from contacts.models import OptInText
from contacts.optin import texts

WIDTH, HEIGHT, MARGIN = 210, 297, 18
DOTS = 150 / 25.4  # of the PNG, a millimetre
POINT = 0.3528
QR_SIDE = 88  # with the quiet zone
INK, SOFT, TINT, LINE, MESSAGE = "#14223a", "#46566f", "#e7f0fc", "#b9d2f3", "#d9fdd3"
FONTS = {False: letters.PLAIN, True: letters.BOLD}


class Poster(NamedTuple):
    """What stands on it."""

    title: str
    what: str
    steps: tuple[str, ...]
    message: str
    leave: str
    foot: str
    code: str
    link: str


class Sheet(Protocol):
    """Something that a poster is drawn on."""

    def width(self, words: str, size: float, *, bold: bool) -> float:
        """How wide words are."""

    def words(
        self, words: str, left: float, top: float, size: float, *, bold: bool, ink: str
    ) -> None:
        """Write one line."""

    def box(
        self, left: float, top: float, width: float, height: float, fill: str, line: str
    ) -> None:
        """A box with round corners."""

    def squares(self, rows: list[bytearray], left: float, top: float, side: float) -> None:
        """The dark squares of a QR code."""


def of(text: OptInText, *, phone: str, address: str) -> Poster:
    """The poster of a page, which leads to the account with that number; `address`: the page's own."""
    names = {"topic": text.topic.name, "business": text.business.name}
    without_camera = _("Sem câmera? Abra %(address)s ou fale com a recepção.")
    message = texts.message_of_page(text)
    return Poster(
        title=_("%(topic)s de %(business)s no seu WhatsApp") % names,
        what=text.topic.description,
        steps=(
            _("Aponte a câmera do celular."),
            _("O WhatsApp abre com a mensagem pronta."),
            _("Envie. É assim que você concorda."),
        ),
        message=message,
        leave=_("Para sair, responda SAIR.\nVale na hora, sem explicar por quê."),
        foot=f"{without_camera % {'address': address}}\n{text.wording.text}",
        code=text.code,
        link=texts.chat_link(phone, message),
    )


def pdf(poster: Poster) -> bytes:
    """The sheet as PDF."""
    kept = io.BytesIO()
    sheet = _Pdf(kept, poster.title)
    _draw(poster, sheet)
    sheet.canvas.save()
    return kept.getvalue()


def png(poster: Poster) -> bytes:
    """The sheet as a picture, for a screen in the waiting room."""
    sheet = _Png()
    _draw(poster, sheet)
    kept = io.BytesIO()
    sheet.image.save(kept, "PNG")
    return kept.getvalue()


def _draw(poster: Poster, sheet: Sheet) -> None:
    inner = WIDTH - 2 * MARGIN
    top = _block(sheet, poster.title, MARGIN, 20, inner, (30, 24, 19), 44, bold=True, centred=True)
    if poster.what:
        top = _block(
            sheet,
            poster.what,
            MARGIN + 10,
            top + 5,
            inner - 20,
            (15, 12),
            26,
            ink=SOFT,
            centred=True,
        )
    top += 10
    sheet.squares(_code(poster.link), MARGIN, top, QR_SIDE)
    at, left = top + 8, MARGIN + QR_SIDE + 8
    for number, step in enumerate(poster.steps, 1):
        sheet.box(left, at, 10, 10, TINT, TINT)
        digit = str(number)
        sheet.words(
            digit, left + 5 - sheet.width(digit, 15, bold=True) / 2, at + 2, 15, bold=True, ink=INK
        )
        at = _block(sheet, step, left + 14, at + 1, WIDTH - MARGIN - left - 14, (15,), 22) + 8
    top += QR_SIDE + 8
    top = _boxed(sheet, poster.message, top, 120, (13, 11), 30, MESSAGE, MESSAGE) + 9
    _boxed(sheet, poster.leave, top, inner, (14,), 16, "#ffffff", LINE, bold=True)
    foot = HEIGHT - 42
    _block(sheet, poster.foot, MARGIN, foot, inner - 24, (9, 8, 7, 6), 32, ink=SOFT)
    code = sheet.width(poster.code, 11, bold=True)
    sheet.words(poster.code, WIDTH - MARGIN - code, foot, 11, bold=True, ink=SOFT)


def _boxed(
    sheet: Sheet, words: str, top: float, width: float, sizes: tuple[float, ...], most: float,
    fill: str, line: str, *, bold: bool = False,
) -> float:  # fmt: skip
    """Words in a box in the middle; returns where it ends."""
    left, pad = (WIDTH - width) / 2, 5
    size, lines = _fitted(sheet, words, width - 2 * pad, sizes, most, bold=bold)
    height = len(lines) * size * POINT * 1.35 + 2 * pad
    sheet.box(left, top, width, height, fill, line)
    _block(
        sheet, words, left + pad, top + pad, width - 2 * pad, sizes, most, bold=bold, centred=True
    )
    return top + height


def _block(
    sheet: Sheet, words: str, left: float, top: float, width: float, sizes: tuple[float, ...], most: float,
    *, bold: bool = False, ink: str = INK, centred: bool = False,
) -> float:  # fmt: skip
    """Words in as many lines as they need, in the biggest of the sizes that fits; returns where they end."""
    size, lines = _fitted(sheet, words, width, sizes, most, bold=bold)
    for line in lines:
        free = (width - sheet.width(line, size, bold=bold)) / 2 if centred else 0
        sheet.words(line, left + free, top, size, bold=bold, ink=ink)
        top += size * POINT * 1.35
    return top


def _fitted(
    sheet: Sheet, words: str, width: float, sizes: tuple[float, ...], most: float, *, bold: bool
) -> tuple[float, list[str]]:
    for size in sizes:
        lines = _lines(sheet, words, width, size, bold=bold)
        if len(lines) * size * POINT * 1.35 <= most:
            break
    return size, lines


def _lines(sheet: Sheet, words: str, width: float, size: float, *, bold: bool) -> list[str]:
    lines: list[str] = []
    for paragraph in words.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and sheet.width(longer, size, bold=bold) > width:
                lines.append(line)
                longer = word
            line = longer
            while sheet.width(line, size, bold=bold) > width and len(line) > 1:
                fits = next(
                    n
                    for n in range(len(line) - 1, 0, -1)
                    if n == 1 or sheet.width(line[:n], size, bold=bold) <= width
                )
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def _code(link: str) -> list[bytearray]:
    """Its squares, with the four light ones around that a camera needs."""
    code = segno.make(link, error="m", micro=False)
    return [bytearray(row) for row in code.matrix_iter(border=4)]


class _Pdf:
    def __init__(self, kept: io.BytesIO, title: str) -> None:
        letters.register()
        size = (WIDTH * mm, HEIGHT * mm)
        self.canvas = Canvas(kept, pagesize=size, lang=get_language() or "pt-br")
        self.canvas.setTitle(title)
        self.canvas.setCreator("blü")

    def width(self, words: str, size: float, *, bold: bool) -> float:
        return float(pdfmetrics.stringWidth(words, FONTS[bold], size) / mm)

    def words(
        self, words: str, left: float, top: float, size: float, *, bold: bool, ink: str
    ) -> None:
        self.canvas.setFillColor(HexColor(ink))
        self.canvas.setFont(FONTS[bold], size)
        self.canvas.drawString(left * mm, (HEIGHT - top) * mm - size * 0.93, words)

    def box(
        self, left: float, top: float, width: float, height: float, fill: str, line: str
    ) -> None:
        self.canvas.setFillColor(HexColor(fill))
        self.canvas.setStrokeColor(HexColor(line))
        self.canvas.roundRect(
            left * mm, (HEIGHT - top - height) * mm, width * mm, height * mm, 3 * mm, fill=1
        )

    def squares(self, rows: list[bytearray], left: float, top: float, side: float) -> None:
        self.canvas.setFillColor(HexColor("#000000"))
        one = side / len(rows)
        path = self.canvas.beginPath()
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    path.rect(
                        (left + x * one) * mm,
                        (HEIGHT - top - (y + 1) * one) * mm,
                        one * mm,
                        one * mm,
                    )
        self.canvas.drawPath(path, stroke=0, fill=1)


class _Png:
    def __init__(self) -> None:
        self.image = Image.new("RGB", (round(WIDTH * DOTS), round(HEIGHT * DOTS)), "#ffffff")
        self.pen = ImageDraw.Draw(self.image)

    def width(self, words: str, size: float, *, bold: bool) -> float:
        return _font(size, bold).getlength(words) / DOTS

    def words(
        self, words: str, left: float, top: float, size: float, *, bold: bool, ink: str
    ) -> None:
        self.pen.text((left * DOTS, top * DOTS), words, font=_font(size, bold), fill=ink)

    def box(
        self, left: float, top: float, width: float, height: float, fill: str, line: str
    ) -> None:
        corners = (left * DOTS, top * DOTS, (left + width) * DOTS, (top + height) * DOTS)
        self.pen.rounded_rectangle(corners, radius=3 * DOTS, fill=fill, outline=line, width=2)

    def squares(self, rows: list[bytearray], left: float, top: float, side: float) -> None:
        one = int(side * DOTS / len(rows))  # whole dots: a camera reads sharp edges
        spare = (side * DOTS - one * len(rows)) / 2
        x0, y0 = round(left * DOTS + spare), round(top * DOTS + spare)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    place = (x0 + x * one, y0 + y * one)
                    self.pen.rectangle(
                        (*place, place[0] + one - 1, place[1] + one - 1), fill="#000000"
                    )


@cache
def _font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(letters.FOLDER / f"{FONTS[bold]}.ttf", size * POINT * DOTS)
