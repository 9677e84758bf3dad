"""What columns look like that no title names."""

import pytest

from contacts.spreadsheets.guessing import guess_header
from contacts.spreadsheets.header import Field

PEOPLE = [["1", "Ana Prado", "25/02/1980", "(11) 98765-4321"], ["2", "Bia", "", "11 3333-4444"]]


def fields(rows, row=None):
    header = guess_header(rows, row)
    return header.row, header.index(Field.NAME), header.indexes(Field.PHONE)


def test_a_sheet_without_titles_offers_its_phones_and_names():
    assert fields(PEOPLE) == (0, 1, (3,))


def test_titles_that_say_nothing_are_still_titles():
    titles = ["Nº", "Quem", "Nasceu", "Onde achar"]
    assert fields([["Turma da tarde"], [], titles, *PEOPLE]) == (3, 1, (3,))


def test_a_row_that_a_person_named_stays_the_titles():
    assert fields([["Turma", "x", "y", "z"], *PEOPLE], row=1) == (1, 1, (3,))
    assert fields(PEOPLE, row=99)[0] == 2


def test_a_name_that_has_a_title_needs_no_offer():
    assert fields([["Bairro", "Nome", "Onde"], ["Centro", "Ana", "11987654321"]]) == (1, 1, (2,))


def test_numbers_without_an_area_code_are_phones_where_no_others_are():
    assert fields([["Ana", "01/02/1980", "98765-4321"]]) == (0, 0, (2,))


@pytest.mark.parametrize("rows", [[], [[]], [["Nome", "Idade"], ["Ana", "30"]]])
def test_where_nothing_looks_like_a_phone_none_is_offered(rows):
    assert guess_header(rows).indexes(Field.PHONE) == ()
    assert guess_header(rows, 0).index(Field.NAME) is None


def test_words_that_are_answers_are_no_names():
    assert fields([["sim", "Ana", "11987654321"], ["não", "Bia", "11987654322"]]) == (0, 1, (2,))
