"""Variables in a message: `{{nome|reserva}}`, filled in once and never expanded again.

A placeholder is a name and, after `|`, what to write when the data is missing. Names match whatever
their case, accents, spaces and underscores: `{{Plano de Saúde}}` is `plano_de_saude`. A placeholder
stays within its line and holds no braces; a fallback holds no `|`. Nothing but substitution happens: no conditions, no
filters, and a value that itself contains braces stays as it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.text.fold import fold
from campaigns.messages.whatsapp_markup import Piece

# How many names a text gets a "Seria…?" for, among how many, and how long a name is compared at most:
# each comparison costs with all of them.
SUGGESTIONS, COMPARED, COMPARABLE = 3, 300, 60
_PLACEHOLDER = re.compile(r"\{\{([^{}|\n]*)(?:\|([^{}\n]*))?\}\}")
_GAP = re.compile(r"[\W_]+")
# What check() looks at, in this order at each place: too many braces, a whole placeholder, half
# of one, and a word in single braces.
_TOKEN = re.compile(
    r"(?P<many>\{{3,})"
    r"|(?P<whole>\{\{(?P<name>[^{}|\n]*)(?:\|(?P<rest>[^{}\n]*))?\}\})"
    r"|(?P<open>\{\{)"
    r"|(?P<close>\}{2,})"
    r"|\{(?P<single>[^{}|\n]+)(?:\|[^{}\n]*)?\}(?!\})"
)


class Fault(TextChoices):
    """Why a text can't be sent."""

    TOO_LONG = (
        "too_long",
        gettext_lazy("O texto passou do limite de %(most)s caracteres: tire %(over)s."),
    )
    MANY_DATA = "many_data", gettext_lazy("Use até %(most)s dados diferentes no mesmo texto.")
    STRAY_BRACES = (
        "stray_braces",
        gettext_lazy("sobraram chaves aqui. Uma variável se escreve {{nome}}."),
    )
    MANY_BRACES = "many_braces", gettext_lazy("são só duas chaves de cada lado: {{nome}}.")
    SINGLE_BRACES = (
        "single_braces",
        gettext_lazy("faltou uma chave de cada lado: escreva {{%(name)s}}."),
    )
    UNCLOSED = "unclosed", gettext_lazy("faltou fechar com }} nesta linha.")
    NO_NAME = "no_name", gettext_lazy("falta o nome da variável entre as chaves.")
    UNKNOWN_NAME = (
        "unknown_name",
        gettext_lazy("não existe o dado “%(name)s” nos seus contatos."),
    )
    MISSPELT_NAME = (
        "misspelt_name",
        gettext_lazy("não existe o dado “%(name)s”. Seria “%(near)s”?"),
    )
    NESTED = "nested", gettext_lazy("uma variável não cabe dentro da reserva de outra.")
    MORE_INSIDE = (
        "more_inside",
        gettext_lazy("dentro das chaves vai só o nome e a reserva: {{nome|reserva}}."),
    )
    TWO_FALLBACKS = "two_fallbacks", gettext_lazy("só uma reserva por variável: {{nome|reserva}}.")


class Place(NamedTuple):
    """Where in a text: `position` from 0, `line` and `column` from 1."""

    position: int
    line: int
    column: int


class Problem(NamedTuple):
    """What is wrong with a text, and where; without a place it is the whole of it. str() is a sentence."""

    fault: Fault
    params: Mapping[str, object] = {}
    place: Place | None = None

    def __str__(self) -> str:
        words = str(self.fault.label) % self.params if self.params else str(self.fault.label)
        if self.place is None:
            return words
        return _("Linha %(line)s, coluna %(column)s: %(message)s") % {
            "line": self.place.line,
            "column": self.place.column,
            "message": words,
        }


class Slot(NamedTuple):
    """One placeholder of a text."""

    key: str
    fallback: str
    start: int
    end: int


class _Compiled(NamedTuple):
    """A text ready to be filled in: a %-format and what goes into it."""

    form: str
    slots: tuple[tuple[str, str], ...]


def key(name: str) -> str:
    """The name under which a variable is known: "Plano de Saúde" → "plano_de_saude"."""
    return _GAP.sub("_", fold(name)).strip("_")


def slots(text: str) -> list[Slot]:
    """The well-formed placeholders of a text, in order."""
    return [
        Slot(key(match[1]), (match[2] or "").strip(), match.start(), match.end())
        for match in _PLACEHOLDER.finditer(text)
        if key(match[1])
    ]


def names(text: str) -> list[str]:
    """The keys of the variables that a text uses, each once, in order of appearance."""
    return list(dict.fromkeys(slot.key for slot in slots(text)))


def render(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder replaced by its value (by key), or its fallback if blank.

    Malformed placeholders stay as they are: check() is what refuses them.
    """
    form, wanted = _compiled(text)
    get = values.get
    return form % tuple([get(name, "").strip() or fallback for name, fallback in wanted])


def render_marked(text: str, values: Mapping[str, str]) -> list[Piece]:
    """As render(), in pieces that tell what was written, what was filled in and what fell back."""
    pieces: list[Piece] = []
    end = 0
    for slot in slots(text):
        value = values.get(slot.key, "").strip()
        filled = Piece(value, "filled") if value else Piece(slot.fallback, "fallback")
        pieces += [Piece(text[end : slot.start]), filled]
        end = slot.end
    return [piece for piece in [*pieces, Piece(text[end:])] if piece.text]


def with_fallbacks(text: str, fallbacks: Mapping[str, str]) -> str:
    """The text with these fallbacks (by variable key) in every placeholder of theirs."""
    clean = {name: re.sub(r"[{}|\n\r]+", " ", said).strip() for name, said in fallbacks.items()}
    parts: list[str] = []
    end = 0
    for slot in slots(text):
        if slot.key not in clean:
            continue
        written = text[slot.start + 2 : slot.end - 2].split("|", 1)[0].strip()
        said = clean[slot.key]
        parts += [text[end : slot.start], "{{", written, f"|{said}" if said else "", "}}"]
        end = slot.end
    return "".join([*parts, text[end:]])


def check(text: str, known: Collection[str]) -> list[Problem]:
    """Returns every error that keeps the text from being sent; `known` are keys.

    The first SUGGESTIONS unknown names come with the known one that is most like them.
    """
    found: list[Problem] = []
    near = _Near(known)
    closers = 0  # how many closing braces belong to a placeholder that was already refused
    for token in _TOKEN.finditer(text):
        if token["close"]:
            if closers:
                closers -= 1
                continue
            problem: Problem | None = Problem(Fault.STRAY_BRACES)
        elif token["whole"] is not None:
            problem = _name_problem(token["name"], near) or _rest_problem(token["rest"])
        elif token["single"] is not None:
            problem = _single_problem(token["single"], known)
        else:
            fault, closed = _open_fault(text, token)
            problem = Problem(fault)
            closers += closed
        if problem:
            found.append(problem._replace(place=_place(text, token.start())))
    return found


class _Near:
    """Suggests known names for unknown ones, a few times for each text."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self._left = SUGGESTIONS

    def to(self, name: str) -> str:
        """The known name that is most like this one; "" for none, and once SUGGESTIONS were looked for."""
        if not self._left or len(name) > COMPARABLE:
            return ""
        self._left -= 1
        found = get_close_matches(name, list(islice(self.known, COMPARED)), n=1, cutoff=0.7)
        return found[0] if found else ""


def _name_problem(written: str, near: _Near) -> Problem | None:
    """What is wrong with the name of a well-formed placeholder."""
    name = key(written)
    if not name:
        return Problem(Fault.NO_NAME)
    if name in near.known:
        return None
    if meant := near.to(name):
        return Problem(Fault.MISSPELT_NAME, {"name": written.strip(), "near": meant})
    return Problem(Fault.UNKNOWN_NAME, {"name": written.strip()})


def _rest_problem(fallback: str | None) -> Problem | None:
    """The fault of a second bar, which would be sent as part of the fallback."""
    return Problem(Fault.TWO_FALLBACKS) if "|" in (fallback or "") else None


def _single_problem(written: str, known: Collection[str]) -> Problem | None:
    """A known variable in single braces would be sent as it stands: surely a slip."""
    if key(written) not in known:
        return None
    return Problem(Fault.SINGLE_BRACES, {"name": written.strip()})


def _open_fault(text: str, token: re.Match[str]) -> tuple[Fault, int]:
    """Why braces that open don't make a placeholder, and how many closers are theirs."""
    if token["many"]:
        return Fault.MANY_BRACES, 1
    line = text[token.end() :].split("\n", 1)[0]
    before_next = line.split("{{", 1)[0]
    if "{{" in line and "}}" not in before_next and "|" in before_next:
        return Fault.NESTED, 1
    if "}}" in before_next:
        return Fault.MORE_INSIDE, 1
    rest = text[token.end() :]
    return Fault.UNCLOSED, int("}}" in rest.split("{{", 1)[0])


def _place(text: str, position: int) -> Place:
    start = text.rfind("\n", 0, position) + 1
    return Place(position, text.count("\n", 0, position) + 1, position - start + 1)


@lru_cache(maxsize=1024)
def _compiled(text: str) -> _Compiled:
    wanted = slots(text)
    return _Compiled(
        "%s".join(part.replace("%", "%%") for part in _written(text, wanted)),
        tuple((slot.key, slot.fallback) for slot in wanted),
    )


def _written(text: str, wanted: list[Slot]) -> Iterator[str]:
    """What stands between the placeholders."""
    end = 0
    for slot in wanted:
        yield text[end : slot.start]
        end = slot.end
    yield text[end:]
