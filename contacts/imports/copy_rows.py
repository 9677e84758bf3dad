"""People as the text that PostgreSQL's COPY reads: one line each, built a million times."""

import json
from collections.abc import Iterable

from blu.text import fold
from contacts.spreadsheets.rows import Person

COLUMNS = "phone, name, search, birth_date, attributes, tags, flags, answer, row, again"
# json.dumps with the arguments fixed, without building an encoder a million times.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def copy_text(people: Iterable[Person], business_id: int, tag: str = "") -> bytes:
    """The lines of COPY import_chunk (COLUMNS) FROM STDIN; `tag` is added to everybody's."""
    return "".join([_line(person, business_id, tag) for person in people]).encode()


def _line(person: Person, business_id: int, tag: str) -> str:
    tags = [*person.tags, tag] if tag and tag not in person.tags else person.tags
    return "\t".join(
        (
            person.phone,
            _escape(person.name),
            fold.vector(business_id, person.name, person.phone),
            person.birth_date.isoformat() if person.birth_date else "\\N",
            _escape(_json(person.attributes)) if person.attributes else "{}",
            _escape(_array(tags)) if tags else "{}",
            _array(person.flags) if person.flags else "{}",
            person.answer,
            str(person.row),
            "t\n" if person.again else "f\n",
        )
    )


def _escape(text: str) -> str:
    """Values hold no tab and no line break (contacts.spreadsheets.cells), so only this is left."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def _array(items: Iterable[str]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"
