"""What a row that can't come in as it was written says, and what of it comes in."""

import datetime

import pytest

from contacts.spreadsheets import cells
from contacts.spreadsheets.cells import Answer
from contacts.spreadsheets.header import Field, header_at
from contacts.spreadsheets.rows import Person, Problem, RowReader

TODAY = datetime.date(2026, 11, 24)
TITLES = ["Nome", "Telefone", "Nascimento", "Etiquetas", "Plano", "Tel. 2"]
FIRST, SECOND = "+5511987654321", "+5511912345678"
BOTH = "11 98765-4321 / 11 91234-5678"


def read(*values, **options) -> tuple[Person | None, list[Problem]]:
    header = header_at([TITLES[: max(len(values), 2)]], 1)
    problems: list[Problem] = []
    reader = RowReader(header, today=TODAY, **options)
    return reader.read(2, values, problems.append), problems


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [(("Ana", FIRST, "25/11/2026"), Field.BIRTH_DATE, "future date"),
     (("Ana", FIRST, "31/02/1980"), Field.BIRTH_DATE, "invalid date"),
     (("Ana", FIRST, "12/05/0080"), Field.BIRTH_DATE, "invalid date"),
     (("A" * 201, FIRST), Field.NAME, "long name"),
     (("Ana", FIRST, "", "t" * 41), Field.TAGS, "long tag"),
     (("Ana", FIRST, "", ",".join(map(str, range(21)))), Field.TAGS, "many tags"),
     (("Ana", FIRST, "", "", "x" * 501), Field.ATTRIBUTE, "long text")],
)  # fmt: skip
def test_what_is_dropped_or_cut_is_told(values, field, reason):
    person, problems = read(*values)
    assert [(p.row, p.field, p.reason) for p in problems] == [(2, field, reason)]
    assert person
    assert person.birth_date is None
    assert len(person.name) <= cells.MAX_NAME
    assert len(person.tags) <= cells.MAX_TAGS
    assert all(len(tag) <= cells.MAX_TAG for tag in person.tags)
    assert all(len(text) <= cells.MAX_TEXT for text in person.attributes.values())


def test_what_just_fits_is_no_problem():
    tags = ",".join(f"{n:02}".ljust(40, "t") for n in range(20))
    _person, problems = read("A" * 200, FIRST, TODAY, tags, "x" * 500)
    assert problems == []


def test_of_two_phones_in_a_cell_the_first_is_taken_and_the_other_offered():
    person, (problem,) = read("Ana", BOTH)
    assert person
    assert person.phone == FIRST
    assert (problem.field, problem.reason) == (Field.PHONE, "several phones")
    assert problem.options == (FIRST, SECOND)


@pytest.mark.parametrize(
    "cell",
    ["11 98765-4321", "+55 (11) 98765-4321", "11 98765-4321 / 11 3222-1010", "11 98765-4321 ou 11987654321",
     "11 98765-4321 / 11 12", "(11) 98765-4321 falar com Bia"],
)  # fmt: skip
def test_where_only_one_number_can_be_meant_nobody_is_asked(cell):
    person, problems = read("Ana", cell)
    assert person
    assert person.phone == FIRST
    assert problems == []


def test_two_phones_in_two_columns_are_no_question():
    person, problems = read("Ana", "11 98765-4321", "", "", "", "11 91234-5678")
    assert person
    assert person.phone == FIRST
    assert problems == []


def test_the_number_that_a_person_chose_is_taken():
    person, problems = read("Ana", BOTH, choices={2: SECOND})
    assert person
    assert person.phone == SECOND
    assert problems == []


def test_a_chosen_number_that_the_row_does_not_have_is_asked_for_again():
    person, problems = read("Ana", BOTH, choices={2: "+5511900000000"})
    assert person
    assert person.phone == FIRST
    assert [p.reason for p in problems] == ["several phones"]


@pytest.mark.parametrize("name", ["Ana", "Total Saúde"])
def test_a_row_that_a_person_left_out_is_told_as_left_out(name):
    person, problems = read(name, BOTH, choices={2: ""})
    assert person is None
    assert [(p.field, p.reason) for p in problems] == [("", "left out")]


@pytest.mark.parametrize(
    ("first", "second", "answer", "told"),
    [("sim", "não", Answer.NO, True), ("não", "sim", Answer.NO, True), ("sim", "talvez", Answer.UNCLEAR, True),
     ("sim", "", Answer.YES, False), ("", "sim", Answer.YES, False), ("sim", "s", Answer.YES, False),
     ("não", "", Answer.NO, False), ("", "não", Answer.NO, False), ("", "", Answer.EMPTY, False)],
)  # fmt: skip
def test_of_two_consent_columns_a_no_counts_in_either_and_a_contradiction_is_told(
    first, second, answer, told
):
    header = header_at([["Telefone", "Aceita receber", "Opt-in"]], 1)
    problems: list[Problem] = []
    person = RowReader(header, today=TODAY).read(2, [FIRST, first, second], problems.append)
    assert person
    assert person.answer is answer
    said = [(Field.OPT_IN, "mixed answers")] if told else []
    assert [(p.field, p.reason) for p in problems] == said
