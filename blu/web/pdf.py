"""Documents and drawings as PDF, in the letters that reportlab brings: all of Portuguese, and free.

Words stay words: they can be searched, copied and read aloud, in the order in which they are given.
"""

import io
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

import reportlab
from django.utils.translation import get_language
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer

PLAIN, BOLD = "Vera", "VeraBd"
FOLDER = Path(reportlab.__file__).parent / "fonts"
INK, SOFT, LINE = "#14223a", "#46566f", "#dde5ef"
# Of one block, in letters: what is longer ends so, and stands whole on the page. Of a whole document about
# forty sheets, which take a second; what comes after them is as short as a heading.
MOST, WHOLE, LEAST = 4_000, 120_000, 300


class Block(NamedTuple):
    """A paragraph: a title, a heading, words, a quotation, or a line between parts."""

    words: str
    kind: str = "words"


def title(words: str) -> Block:
    """The name of the document."""
    return Block(words, "title")


def heading(words: str) -> Block:
    """The head of a part."""
    return Block(words, "heading")


def quote(words: str) -> Block:
    """Somebody's own words."""
    return Block(words, "quote")


LINE_BETWEEN = Block("", "line")

_BASE = {"fontName": PLAIN, "fontSize": 9.5, "leading": 14, "textColor": INK, "spaceAfter": 4}
_STYLES = {
    "title": _BASE | {"fontName": BOLD, "fontSize": 18, "leading": 24, "spaceAfter": 8},
    "heading": _BASE
    | {"fontName": BOLD, "fontSize": 12, "leading": 16, "spaceBefore": 10, "keepWithNext": 1},
    "words": _BASE,
    "quote": _BASE | {"leftIndent": 10, "textColor": SOFT},
    "small": _BASE | {"fontSize": 8, "leading": 11, "textColor": SOFT},
}


def document(name: str, blocks: Iterable[Block]) -> bytes:
    """Sheets of A4 with these blocks, one below the other; the language is that of who asks."""
    register()
    kept = io.BytesIO()
    margins = {f"{side}Margin": 20 * mm for side in ("left", "right", "top", "bottom")}
    sheets = SimpleDocTemplate(
        kept, pagesize=A4, title=name, creator="blü", lang=get_language() or "pt-br", **margins
    )
    sheets.build([_drawn(block) for block in _cut(blocks)])
    return kept.getvalue()


def _cut(blocks: Iterable[Block]) -> Iterator[Block]:
    left = WHOLE
    for block in blocks:
        most = max(min(MOST, left), LEAST)
        words = block.words if len(block.words) <= most else f"{block.words[:most]}…"
        left -= len(words)
        yield block._replace(words=words)


@cache
def register() -> None:
    """Let reportlab know the letters."""
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FOLDER / f"{name}.ttf")))


def _drawn(block: Block) -> Flowable:
    if block.kind == "line":
        return HRFlowable(width="100%", color=LINE, spaceBefore=6, spaceAfter=6)
    if not block.words.strip():
        return Spacer(1, 4)
    # What people typed is no markup of ours.
    return Paragraph(escape(block.words).replace("\n", "<br/>"), _style(block.kind))


@cache
def _style(kind: str) -> ParagraphStyle:
    return ParagraphStyle(kind, **_STYLES[kind])
