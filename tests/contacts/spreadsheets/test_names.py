"""Names that a sheet spreads over several columns."""

import datetime

import pytest

from contacts.spreadsheets.dry_run import dry_run
from contacts.spreadsheets.header import Field, find_header, with_fields
from contacts.spreadsheets.rows import RowReader

TODAY = datetime.date(2026, 11, 24)
GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,File As,Organization Name,Birthday,Notes,"
    "Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
    "Lúcia,Maria,Prado,,Lu,,,1985-05-01,,* myContacts ::: Família,,,Mobile,+55 11 98765-4321,,\n"
    "João,,,,,,,,,* myContacts,,,Home,11 3333-4444 ::: 11 98765-4322,,\n"
)
OLD_GOOGLE = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Group Membership,Phone 1 - Type,Phone 1 - Value\n"
    "Lúcia Maria Prado,Lúcia,Maria,Prado,,* myContacts,Mobile,+55 11 98765-4321\n"
)


def names(titles, *rows):
    reader = RowReader(find_header([titles]), today=TODAY)
    people = [reader.read(number, row, lambda _problem: None) for number, row in enumerate(rows, 2)]
    return [person.name for person in people if person]


def test_an_export_of_google_contacts_has_whole_names(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_text(GOOGLE)
    people = dry_run(path, today=TODAY)["contacts"]
    assert [person["name"] for person in people] == ["Lúcia Maria Prado", "João"]
    assert [person["phone"] for person in people] == ["+5511987654321", "+5511987654322"]
    assert people[0]["birth_date"] == "1985-05-01"


def test_an_older_export_of_google_contacts_has_its_names_once(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_text(OLD_GOOGLE)
    assert [p["name"] for p in dry_run(path, today=TODAY)["contacts"]] == ["Lúcia Maria Prado"]


@pytest.mark.parametrize(
    "titles",
    [
        ["Given Name", "Family Name"],
        ["First Name", "Last Name"],
        ["Nome", "Sobrenome"],
        ["NOME", "Último sobrenome"],
        ["Primeiro nome", "Sobrenome"],
        ["Name", "Surname"],
    ],
)
def test_first_and_last_name_become_one(titles):
    row = ["Lúcia", "Prado", "11987654321"]
    assert names([*titles, "Telefone"], row) == ["Lúcia Prado"]
    assert names([titles[1], titles[0], "Telefone"], ["Prado", *row[::2]]) == ["Lúcia Prado"]


def test_parts_that_are_missing_leave_no_gap_and_what_is_said_twice_is_kept_once():
    rows = [
        ["Ana", "", "11987654321"],
        ["", "Dias", "11987654322"],
        ["Bia Paz", "Paz", "11987654323"],
    ]
    assert names(["Nome", "Sobrenome", "Celular"], *rows) == ["Ana", "Dias", "Bia Paz"]


def test_a_whole_name_needs_no_parts():
    titles = ["Primeiro nome", "Nome completo", "Sobrenome", "Telefone"]
    header = find_header([titles])
    assert header.names() == (1,)
    assert [header.columns[place].field for place in (0, 2)] == [Field.ATTRIBUTE] * 2
    assert names(["Cliente", "Primeiro nome", "Fone"], ["Ana Dias", "Ana", "11987654321"]) == [
        "Ana Dias"
    ]


def test_parts_are_surer_than_a_column_that_may_be_anything():
    titles = ["Contato", "Primeiro nome", "Sobrenome", "Celular"]
    assert names(titles, ["mãe", "Ana", "Dias", "11987654321"]) == ["Ana Dias"]


def test_a_first_name_alone_is_the_name_and_a_family_name_alone_is_not():
    assert names(["First Name", "Phone"], ["Ana", "11987654321"]) == ["Ana"]
    assert names(["Sobrenome", "Telefone"], ["Dias", "11987654321"]) == [""]


def test_contato_is_the_phone_beside_the_parts_of_a_name():
    assert names(["Primeiro nome", "Sobrenome", "Contato"], ["Ana", "Dias", "11987654321"]) == [
        "Ana Dias"
    ]


def test_columns_that_a_person_chose_for_the_name_are_joined():
    header = with_fields(find_header([["Quem", "De quem", "Fone"]]), {0: Field.NAME, 1: Field.NAME})
    person = RowReader(header, today=TODAY).read(2, ["Ana", "Dias", "11987654321"], list)
    assert person.name == "Ana Dias"
