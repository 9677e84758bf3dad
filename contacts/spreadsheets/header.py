"""Which row of a sheet is its header, and what each column is, by its title. Pure: no Django.

A title is compared whole, without case, accents and punctuation: "Tel. 2" is a phone, "Telefone da
recepção: (31) 3222-1010" is not, nor is "Nome da mãe" a name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from blu.text.fold import fold
from contacts.spreadsheets import limits, names


class Field(StrEnum):
    """What a column is taken for."""

    NAME = "name"
    PHONE = "phone"
    AREA_CODE = "area_code"
    BIRTH_DATE = "birth_date"
    OPT_IN = "opt_in"
    TAGS = "tags"
    ATTRIBUTE = "attribute"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Column:
    """A column of the sheet: its place from 0, its title, its meaning, and the attribute's key."""

    index: int
    title: str
    field: Field
    key: str = ""


@dataclass(frozen=True)
class Header:
    """The row (from 1) that names the columns; row 0 stands for a sheet without one."""

    row: int
    columns: tuple[Column, ...]

    def indexes(self, field: Field) -> tuple[int, ...]:
        """The places of the columns of one meaning, from left to right."""
        return tuple(column.index for column in self.columns if column.field == field)

    def names(self) -> tuple[int, ...]:
        """The places of the name's columns, in the order in which they make one name."""
        columns = [column for column in self.columns if column.field == Field.NAME]
        order = {column.index: names.turn(normal(column.title)) for column in columns}
        return tuple(sorted(order, key=lambda index: (order[index], index)))

    def index(self, field: Field) -> int | None:
        """The place of the first column of one meaning."""
        return next(iter(self.indexes(field)), None)


_NUMBER = r"(?: (?:n )?\d{1,2})?"
_PHONE_WORD = (
    r"(?:tele?fones?|tel|fones?|celular(?:es)?|cel|whats ?app|whats|wpp|zap|zap zap|mobile|cell|phone|"
    r"telemovel|mobile phone|cell phone|phone number|telephone)"
)
_PHONE_KIND = (
    r"(?: (?:celular|cel|movel|fixo|residencial|res|comercial|com|trabalho|casa|principal|contato|"
    r"whats ?app|whats|zap|pessoal|particular|do cliente|do paciente|cliente|paciente|"
    r"de contato|para contato|com ddd|c ddd|ddd|number|value))*"
)
_PHONE = re.compile(
    rf"(?:(?:numero|n|no|nro|num) (?:de |do )?)?(?:{_PHONE_WORD})"
    rf"(?:{_NUMBER}(?: (?:e|ou))? {_PHONE_WORD})?{_PHONE_KIND}{_NUMBER}"
    rf"|phone{_NUMBER} value|(?:home|work|business|primary|main|other|mobile) phone{_NUMBER}|contato telefonico|numero de contato"
)
_PERSON = (
    r"(?:cliente|paciente|segurado|aluno|contato|associado|beneficiario|titular|pessoa|usuario|socio|"
    r"membro|assinante|participante|inscrito)"
)
_NAME = re.compile(
    rf"nome|nome completo|nome e sobrenome|nome (?:completo )?d[oea](?: [oa])? {_PERSON}|nome {_PERSON}|"
    rf"{_PERSON}s?|{_PERSON} {_PERSON}|name|full name|fullname|display name|customer name|client name|contact name|"
    r"razao social|nome razao social|nome social|nome fantasia|customer|client|patient"
)
_BIRTH = re.compile(
    r"(?:(?:data|dt|dta|d) )?(?:de )?(?:nascimento|nascto|nascim|nasc|nasci)"
    r"(?: (?:do |da )?(?:cliente|paciente))?(?: dd mm a{2,4})?|"
    r"aniversario|data (?:de |do )?aniversario|dt aniversario|birthday|birth ?date|date of birth|dob|dn|dtnasc|"
    r"datanasc|datanascimento|dtnascimento|born"
)
_OPT_IN = re.compile(
    r"(?:opt ?in|opt ?in whats ?app|aceita|aceite|aceitou|consentimento|consente|consentiu|"
    r"(?:aceita|aceitou|aceito|autoriza|autorizou|autorizo|deseja|quer|concorda em|consente em|permite|pode)"
    r"(?: em)? (?:receber )?(?:os |as )?"
    r"(?:receber|mensage(?:m|ns)|msgs?|whats ?app|whats|zap|contatos?|comunicac(?:ao|oes)|avisos?|novidades?|"
    r"promoc(?:ao|oes)|lembretes?|envio|ser contatad[oa]s?|informac(?:ao|oes)|campanhas?|noticias?|ofertas?)"
    r"(?: (?:do|da|de|no|na|nos|por|pelo|via|em|e|ou|whats ?app|whats|zap|mensage(?:m|ns)|msgs?|clinica|"
    r"empresa|marketing|promoc(?:ao|oes)|avisos?|lembretes?|novidades?))*|"
    r"(?:autorizacao|consentimento|aceite)(?: (?:de|do|da|para|por|pelo|no|whats ?app|mensage(?:m|ns)|envio|"
    r"contato|comunicac(?:ao|oes)|receber))+)(?: s n| sim nao| sim ou nao)?"
)
# "Autorização" alone is a health plan's, "LGPD" alone a form about data: neither is consent to messages.
# Titles that stand for the phone only where nothing else does and the name has its own column.
_MAYBE_PHONE = ("contato", "contatos", "numero", "numeros")
_TAGS = re.compile(r"tags?|etiquetas?|marcador(?:es)?|labels?")
_AREA_CODE = re.compile(r"ddd|cod(?:igo)? (?:de )?area|area code")
# The columns that blü adds to the spreadsheet of what to mend (contacts.imports.problem_sheet), in both languages.
_OWN = ("linha blu", "motivo blu", "row blu", "reason blu")
# Personal documents, health, faith and free notes are left out unless somebody asks for them (LGPD art. 6
# III and 11). Stems count anywhere in a title: "nrcpf", "Hipótese diagnóstica".
_SENSITIVE = re.compile(
    r"^(?:saude|health|conditions?)$|"
    r"cpf|cnh|ctps|prontuario|senha|password|passaporte|passport|diagnos|doenca|patolog|comorbid|alergi|medicament|"
    r"medicac|remedio|anamnes|sintoma|deficienc|gestante|gravid|biometr|religi|sexual|etnia|carteirinha|tipo sangu|"
    r"observac|anotac|sindica|bancari|comentari|queixa|prescric|receituari|transtorno|sorolog|diabet|hipertens|cancer|"
    r"gestac|tabagis|sangu(?:e|ine)|allerg|medication|disease|illness|ethnic|blood|"
    r"\b(?:nr|nro|num|numero|cod|codigo)?"
    r"(?:rg|cid|cns|cvv|hiv|dst|pis|pasep|nis|nit|sus|ssn|rne|rnm|dni|mrn|raca|cartao|carteira|cart|genero|gender|race|"
    r"identidade|documentos?|docs?|laudos?|exames?|titulo (?:de )?eleitor|registro geral|pessoa fisica|certidao|"
    r"habilitacao|social security|national id|tax id|obs|notas?|notes?|comments?|remarks?|recados?|conta corrente|"
    r"agencia|pix|salario|renda|partido|diag|dx|pront|cirurgias?|internac(?:ao|oes)|fumante|pcd|pass|passwd|pwd|pin|token|"
    r"secret)(?:paciente|cliente|titular|segurado|aluno|responsavel|principal)?[0-9]*\b|"
    r"\b(?:condic(?:ao|oes)|problemas?|estado|quadro|historico|ficha|evolucao|tratamento) (?:d[aeo] )?"
    r"(?:saude|clinic[oa]s?|medic[oa]s?|atual)\b|"
    r"\b(?:medical|health) (?:conditions?|history|records?|notes?)\b|"
    r"\b(?:no?|nr|nro|num|numero|cod|codigo|matricula|registro) (?:d[aeo] )?(?:convenio|plano|beneficiari[oa]|unimed|ans)\b|"
    r"\b(?:convenio|plano|beneficiari[oa]|unimed)(?: medico| de saude)? "
    r"(?:no?|nr|nro|num|numero|cod|codigo|matricula|registro)\b|"
    r"\b(?:member|insurance|policy|health plan) (?:id|no|number)\b"
)
# "C.P.F." is normally "c p f".
_SPELLED = re.compile(r"\b([a-z]) (?=[a-z]\b)")

_MEANINGS = (
    (_PHONE, Field.PHONE),
    (_NAME, Field.NAME),
    (_BIRTH, Field.BIRTH_DATE),
    (_OPT_IN, Field.OPT_IN),
    (_TAGS, Field.TAGS),
    (_AREA_CODE, Field.AREA_CODE),
)
# Of these a sheet has one column; a second one of the same meaning is plain data. Not so consent: a no
# counts wherever it stands.
_SINGLE = (Field.BIRTH_DATE, Field.TAGS, Field.AREA_CODE)

# What a message calls the fixed columns (campaigns.messages.merge_fields): no other column may be called so.
RESERVED = frozenset(("nome", "nome_completo", "nascimento", "telefone", "preferencias"))

_PUNCTUATION = re.compile(r"[^a-z0-9]+")


def normal(title: object) -> str:
    """A title without case, accents, punctuation and outer spaces: "Dt. Nasc." → "dt nasc"."""
    return _PUNCTUATION.sub(" ", fold(title)).strip() if isinstance(title, str) else ""


@lru_cache(maxsize=4096)
def _meaning_of(title: str) -> Field | None:
    return next((field for pattern, field in _MEANINGS if pattern.fullmatch(title)), None)


def meaning(title: object) -> Field | None:
    """What a column of this title is, None for plain data."""
    return _meaning_of(normal(title)) if isinstance(title, str) and len(title) <= 80 else None


def is_sensitive(title: str) -> bool:
    """Returns whether a title promises documents, health or the like, which are not imported unless chosen."""
    plain = normal(title)
    return any(map(_SENSITIVE.search, (plain, _SPELLED.sub(r"\1", plain))))


def find_header(rows: Sequence[Sequence[Any]]) -> Header | None:
    """The header among the first rows of a sheet: the row that names most, the first of equals."""
    best, best_score = None, 0
    for number, row in enumerate(rows[: limits.HEADER_SEARCH_ROWS], 1):
        if (points := score(row)) > best_score:
            best, best_score = number, points
    if best is None:
        return None
    return header_at(rows, best)


def score(row: Sequence[Any]) -> int:
    """How much a row looks like a header: 0 without a phone column, little with a doubtful one."""
    row = row[: limits.MAX_COLUMNS]
    fields = [field for cell in row if (field := meaning(cell))]
    fields += [Field.NAME for cell in row if names.is_given(normal(cell))]
    if Field.PHONE not in fields:
        return 5 if _maybe_phones([_title(cell) for cell in row]) else 0
    return len(set(fields)) * 10 + min(fields.count(Field.PHONE), 9)


def header_at(rows: Sequence[Sequence[Any]], number: int) -> Header:
    """The columns as named by row `number` (from 1), or without titles when it is 0."""
    row = rows[number - 1] if number else []
    width = min(max((len(row) for row in rows), default=0), limits.MAX_COLUMNS)
    titles = [_title(row[index]) if index < len(row) else "" for index in range(width)]
    if number > 1:
        titles = _with_row_above(titles, rows[number - 2])
    return Header(number, tuple(_columns(titles)))


def _title(cell: object) -> str:
    return " ".join(str(cell).split())[:80] if cell not in ("", None) else ""


def _with_row_above(titles: list[str], above: Sequence[Any]) -> list[str]:
    """Fill holes with known titles of the row above: headers of two rows, cells merged downwards."""
    return [
        title or (_title(above[index]) if index < len(above) and meaning(above[index]) else "")
        for index, title in enumerate(titles)
    ]


def _columns(titles: list[str]) -> list[Column]:
    columns: list[Column] = []
    maybe = _maybe_phones(titles)
    named = _names(["" if index in maybe else title for index, title in enumerate(titles)])
    for index, title in enumerate(titles):
        field = Field.PHONE if index in maybe else meaning(title)
        if index in named or field == Field.NAME:
            field = Field.NAME if index in named else None
        if field in _SINGLE and any(column.field == field for column in columns):
            field = None
        columns.append(_column(index, title, field, {column.key for column in columns}))
    return columns


def _maybe_phones(titles: list[str]) -> list[int]:
    """Where the phones are in a sheet that calls them "Contato", with names in another column."""
    doubtful = [index for index, title in enumerate(titles) if normal(title) in _MAYBE_PHONE]
    sure = [meaning(title) for index, title in enumerate(titles) if index not in doubtful]
    named = Field.NAME in sure or any(names.is_given(normal(title)) for title in titles)
    return doubtful if Field.PHONE not in sure and named else []


def _names(titles: list[str]) -> list[int]:
    """Where the name is: in one column, or in those of its parts."""
    whole = {i: normal(title) for i, title in enumerate(titles) if meaning(title) == Field.NAME}
    return names.columns(whole, {i: normal(title) for i, title in enumerate(titles)})


def _column(index: int, title: str, field: Field | None, taken: set[str]) -> Column:
    if field:
        return Column(index, title, field)
    if not title or normal(title) in _OWN or is_sensitive(title):
        return Column(index, title, Field.IGNORE)
    return Column(index, title, Field.ATTRIBUTE, attribute_key(title, taken))


def attribute_key(title: str, taken: set[str]) -> str:
    """The variable's name for a column: "Convênio médico" → "convenio_medico", unlike any taken or reserved."""
    key = base = normal(title).replace(" ", "_")[:36] or "coluna"
    number = 2
    while key in taken or key in RESERVED:
        key, number = f"{base}_{number}", number + 1
    return key


def with_fields(header: Header, fields: dict[int, Field]) -> Header:
    """The header with a person's own choices for some columns."""
    columns: list[Column] = []
    for column in header.columns:
        field = fields.get(column.index, column.field)
        taken = {other.key for other in (*columns, *header.columns[len(columns) + 1 :])}
        wants_key = field == Field.ATTRIBUTE
        key = (column.key or attribute_key(column.title, taken)) if wants_key else ""
        columns.append(replace(column, field=field, key=key))
    return Header(header.row, tuple(columns))
