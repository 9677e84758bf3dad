"""Visible words of a template outside {% translate %} and {% blocktranslate %}."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

COMMENT = re.compile(r"{#.*?#}|{% comment.*?%}.*?{% endcomment %}", re.DOTALL)
BLOCK = re.compile(
    r"{% (?:blocktranslate|blocktrans)\b.*?{% end(?:blocktranslate|blocktrans) %}", re.DOTALL
)
TAG = re.compile(r"{%.*?%}", re.DOTALL)
VALUE = re.compile(r"{{.*?}}", re.DOTALL)
STRING = re.compile(r'(_\()?"([^"]*)"')
LETTERS = re.compile(r"[^\W\d_]{2,}")

SPOKEN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title", "data-copied", "content")
# Names are the same in every language.
NAMES = re.compile(r"\b(?:blü|WhatsApp|Excel|LibreOffice|QR|xlsx|xls|ods|csv|LGPD|DDD)\b")
# What a tag's string means to the machine: names of templates, icons, addresses, states, classes.
TECHNICAL = re.compile(r"[a-z0-9_\-./:%#?=&,+]*|[A-Z_]+|[djFYGiHlNsa\\ /,:e]+")
SILENT_TAGS = (
    "translate",
    "trans",
    "load",
    "extends",
    "address",
    "url",
    "static",
    "icon",
    "block",
    "endblock",
)


class Words(HTMLParser):
    """Collects text and spoken attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes that are read aloud or shown."""
        self._silent += tag in ("script", "style")
        for name, value in attrs:
            is_meta = tag == "meta" or (name == "content")
            if name in SPOKEN_ATTRIBUTES and value and not is_meta:
                self.found.append(value)
            if tag == "input" and name == "value" and ("type", "submit") in attrs and value:
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        """Scripts and styles end."""
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if not self._silent:
            self.found.append(data)


def unmarked(source: str) -> Iterator[str]:
    """Every visible piece with a word in it that no translation can reach."""
    source = BLOCK.sub(" ", COMMENT.sub(" ", source))
    yield from in_tags(source)
    words = Words()
    words.feed(VALUE.sub(" ", TAG.sub(" ", source)))
    words.close()
    yield from (
        " ".join(said.split()) for said in words.found if LETTERS.search(NAMES.sub("", said))
    )


def in_tags(source: str) -> Iterator[str]:
    """Strings given to tags and filters as they are: {% include … with title="Nada" %}."""
    for tag in (*TAG.findall(source), *VALUE.findall(source)):
        inside = tag[2:-2].split()
        if inside and inside[0] in SILENT_TAGS:
            continue
        for marked, text in STRING.findall(tag):
            if not marked and not TECHNICAL.fullmatch(text) and LETTERS.search(NAMES.sub("", text)):
                yield text
