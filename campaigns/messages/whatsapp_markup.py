"""A message as WhatsApp draws it: *bold*, _italic_, ~strike~, `code`, lists and quotes, as safe HTML.

Rules as WhatsApp's help describes them ("How to format your messages"): a mark opens after
something that isn't a letter or a digit and closes before one, touches its text, and stays within
its line. What was filled in is kept apart from what was written, to be shown in colour.

Every character carries its own set of styles and runs of equal styles are drawn together. So
marks that overlap, also inside a person's name, can't produce broken HTML, and every character is
escaped exactly once.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import Literal, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Letters drawn of one message: twice the longest text, so that only data without end are cut.
SHOWN_MOST = 8_192
Origin = Literal["", "filled", "fallback"]


class Piece(NamedTuple):
    """A stretch of a message: written by hand, filled in from the contact, or fallen back."""

    text: str
    origin: Origin = ""


class Cell(NamedTuple):
    """One character that will be seen, with its tags from the outermost to the innermost."""

    char: str
    tags: tuple[str, ...]


TAGS = {
    "filled": ("<mark>", "</mark>"),
    "fallback": ('<mark class="is-fallback">', "</mark>"),
    "bold": ("<strong>", "</strong>"),
    "italic": ("<em>", "</em>"),
    "strike": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
}
_CODE = (re.compile(r"```(.+?)```", re.DOTALL), re.compile(r"`([^`\n]+)`"))
_MARKS = {
    tag: re.compile(rf"(?<![^\W_]){mark}(?=[^\s{mark}])([^{mark}\n]*[^\s{mark}]){mark}(?![^\W_])")
    for tag, mark in (("bold", r"\*"), ("italic", "_"), ("strike", "~"))
}
_LINE = re.compile(
    r"(?P<ul>[-*] +(?=\S))|(?P<ol>(?P<number>\d{1,3})\. +(?=\S))|(?P<quote>> ?(?=\S))"
)


def to_html(message: str | Iterable[Piece]) -> SafeString:
    """The body of a bubble: <p>, <ul>, <ol> and <blockquote>, with nothing unescaped.

    What is longer than SHOWN_MOST ends with "…".
    """
    pieces = [Piece(message)] if isinstance(message, str) else [Piece(*piece) for piece in message]
    cells = _cells(_cut(pieces))
    blocks = groupby((_classified(line) for line in _lines(cells)), key=lambda line: line[0])
    html = "".join(
        _block(kind, [(number, body) for _, number, body in group]) for kind, group in blocks
    )
    return mark_safe(html)  # every character went through escape() in _run


def _cut(pieces: list[Piece]) -> list[Piece]:
    """The first SHOWN_MOST letters of the pieces."""
    before = [0, *accumulate(len(piece.text) for piece in pieces)]
    if before[-1] <= SHOWN_MOST:
        return pieces
    within = [
        Piece(piece.text[: SHOWN_MOST - start], piece.origin)
        for piece, start in zip(pieces, before, strict=False)
        if start < SHOWN_MOST
    ]
    return [*within, Piece("…")]


def _cells(pieces: list[Piece]) -> list[Cell]:
    text = "".join(piece.text for piece in pieces)
    origins = [piece.origin for piece in pieces for _ in piece.text]
    styles: list[list[str]] = [[] for _ in text]
    hidden: set[int] = set()
    for pattern in _CODE:
        _apply(pattern, text, "code", styles, hidden)
    for tag, pattern in _MARKS.items():
        _apply(pattern, text, tag, styles, hidden)
    return [
        Cell(char, (*([origin] if origin else []), *styles[i]))
        for i, (char, origin) in enumerate(zip(text, origins, strict=True))
        if i not in hidden
    ]


def _apply(
    pattern: re.Pattern[str], text: str, tag: str, styles: list[list[str]], hidden: set[int]
) -> None:
    """Give `tag` to what the pattern encloses and hide its marks; code keeps other marks as they are."""
    for match in pattern.finditer(text):
        start, end = match.span(1)
        marks = [*range(match.start(), start), *range(end, match.end())]
        if any(i in hidden or "code" in styles[i] for i in marks):
            continue
        hidden.update(marks)
        for i in range(start, end):
            styles[i].append(tag)


def _lines(cells: list[Cell]) -> Iterator[list[Cell]]:
    line: list[Cell] = []
    for cell in cells:
        if cell.char == "\n":
            yield line
            line = []
        elif cell.char != "\r":
            line.append(cell)
    yield line


def _classified(line: list[Cell]) -> tuple[str, str, list[Cell]]:
    """What a line is ("p", "ul", "ol", "quote"), its number if it has one, and what remains of it."""
    match = _LINE.match("".join(cell.char for cell in line))
    if match is None or match.lastgroup is None or "code" in line[0].tags:
        return "p", "", line
    kind = next(name for name in ("ul", "ol", "quote") if match[name])
    return kind, match["number"] or "", line[match.end() :]


def _block(kind: str, lines: list[tuple[str, list[Cell]]]) -> str:
    if kind == "ul":
        return "<ul>" + "".join(f"<li>{_inline(body)}</li>" for _, body in lines) + "</ul>"
    if kind == "ol":
        items = (f'<li value="{number}">{_inline(body)}</li>' for number, body in lines)
        return "<ol>" + "".join(items) + "</ol>"
    text = "\n".join(_inline(body) for _, body in lines)
    return f"<blockquote>{text}</blockquote>" if kind == "quote" else f"<p>{text}</p>"


def _inline(cells: list[Cell]) -> str:
    return "".join(_run(tags, run) for tags, run in groupby(cells, key=lambda cell: cell.tags))


def _run(tags: tuple[str, ...], cells: Iterable[Cell]) -> str:
    opening = "".join(TAGS[tag][0] for tag in tags)
    closing = "".join(TAGS[tag][1] for tag in reversed(tags))
    return f"{opening}{escape(''.join(cell.char for cell in cells))}{closing}"
