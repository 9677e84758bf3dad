import pytest

from contacts.spreadsheets.header import (
    RESERVED,
    Field,
    find_header,
    header_at,
    meaning,
    with_fields,
)

TITLES = {
    Field.NAME: ["Nome", "NOME COMPLETO", "Cliente", "Paciente", "Name", " nome  do paciente ", "Razão Social", "Segurado", "Nome do(a) paciente", "Cliente/Paciente"],
    Field.PHONE: [
        "Telefone", "CELULAR", "Fone", "WhatsApp", "Tel. 1", "Tel. 2", "Phone 1 - Value", "Nº do WhatsApp",
        "Telefone Celular", "Celular/WhatsApp", "Telefone (com DDD)", "Mobile Phone", "cel", "Fone Residencial",
        "Número de telefone", "TELEFONE 2", "Telefones", "Tel.1/Tel.2", "Fone/Cel.", "WhatsApp do paciente",
    ],
    Field.BIRTH_DATE: [
        "Nascimento", "Data de nascimento", "Dt. Nasc.", "Data Nasc.", "Birthday", "DT NASCIMENTO", "Aniversário",
        "Data nascimento", "Date of birth", "Data de\nnascimento (dd/mm/aaaa)",
    ],
    Field.OPT_IN: [
        "Aceita receber?", "Opt-in", "OPTIN", "Aceita receber mensagens", "Aceita WhatsApp?", "Autoriza contato",
        "Consentimento", "Aceita receber mensagens? (S/N)", "Autoriza envio de mensagens", "Aceita receber promoções por WhatsApp",
    ],
    Field.TAGS: ["Tags", "Etiquetas"],
    Field.AREA_CODE: ["DDD"],
}  # fmt: skip


def test_titles_are_known_whatever_their_case_accents_and_punctuation():
    asked = [(title, field) for field, titles in TITLES.items() for title in titles]
    assert [(title, field) for title, field in asked if meaning(title) != field] == []


OTHERS = [
    "Nome da mãe", "Given Name", "Family Name", "Data de cadastro", "Telefone da mãe", "Phone 1 - Type", "E-mail",
    "Recepção: telefone (31) 3222-1010", "Telefone de emergência", "Data da última consulta", "Aceita convênio?",
    "Não aceita receber", "Aceita receber e-mail", "Opt-out", "LGPD", "Autorização", "Nome do médico", "Nome do plano", "Plano", "", "123",
]  # fmt: skip


def test_titles_that_only_sound_alike_are_other_things():
    assert [title for title in OTHERS if meaning(title) is not None] == []


def test_a_title_above_is_not_the_header():
    rows = [["Telefone"], ["Clínica"], [], ["Nome", "Telefone", "Nascimento"], ["Ana", "11", ""]]
    assert find_header(rows).row == 4


def test_the_header_is_below_group_headers():
    rows = [["Paciente", "", "Telefone", ""], ["Nome", "Nascimento", "Celular", "Tel. 2"]]
    header = find_header(rows)
    assert header.row == 2
    assert header.indexes(Field.PHONE) == (2, 3)


def test_a_header_of_two_rows_is_read_as_one():
    rows = [
        ["Nome", "Nascimento", "Contato", "", "Aceita receber"],
        ["", "", "Celular", "Fone 2", ""],
    ]
    header = find_header(rows)
    assert header.row == 2
    assert header.index(Field.NAME) == 0
    assert header.index(Field.OPT_IN) == 4
    assert header.indexes(Field.PHONE) == (2, 3)


def test_words_of_a_header_inside_the_data_do_not_move_it():
    rows = [["Nome", "Tipo", "Telefone"], ["Ana", "Celular", "1"], ["Bia", "WhatsApp", "2"]]
    assert find_header(rows).row == 1


def test_without_a_phone_column_there_is_no_header():
    assert find_header([["Nome", "Idade"], ["Ana", "30"]]) is None


def test_other_columns_become_attributes_and_documents_are_left_out():
    header = find_header([["Nome", "Telefone", "Plano", "Convênio médico", "CPF", "", "Plano"]])
    assert [(c.field, c.key) for c in header.columns[2:]] == [
        (Field.ATTRIBUTE, "plano"),
        (Field.ATTRIBUTE, "convenio_medico"),
        (Field.IGNORE, ""),
        (Field.IGNORE, ""),
        (Field.ATTRIBUTE, "plano_2"),
    ]


@pytest.mark.parametrize("own", [["Linha (blü)", "Motivo (blü)"], ["Row (blü)", "Reason (blü)"]])
def test_the_columns_of_the_sheet_to_mend_are_left_out_in_both_languages(own):
    header = find_header([["Nome", "Telefone", *own], ["Ana", "11900000001", "3", "?"]])
    assert [column.field for column in header.columns][2:] == [Field.IGNORE] * 2


def test_where_both_are_there_the_name_is_in_nome():
    header = find_header([["Cliente", "Nome", "Telefone"]])
    assert header.index(Field.NAME) == 1
    assert header.columns[0].field == Field.ATTRIBUTE


def test_contato_is_the_phone_only_where_nothing_else_is():
    header = find_header([["Nome", "Contato", "Plano"]])
    assert header.indexes(Field.PHONE) == (1,)
    header = find_header([["Nome", "Contato", "Celular"]])
    assert header.indexes(Field.PHONE) == (2,)
    assert find_header([["Contato", "Plano"]]) is None


def test_a_second_column_of_a_fixed_one_gets_a_name_of_its_own():
    titles = ["Nome completo", "Nome", "Telefone", "Nascimento", "Data de nascimento", "Nascimento"]
    header = find_header([titles])
    assert [c.key for c in header.columns if c.field == Field.ATTRIBUTE] == [
        "nome_2", "data_de_nascimento", "nascimento_2",
    ]  # fmt: skip


@pytest.mark.parametrize("title", ["Nome", "NOME COMPLETO", "Telefone", "Nascimento"])
def test_a_fixed_column_that_a_person_takes_for_other_data_gets_a_name_of_its_own(title):
    header = with_fields(header_at([[title, title]], 1), dict.fromkeys((0, 1), Field.ATTRIBUTE))
    keys = [column.key for column in header.columns]
    assert len(set(keys)) == 2
    assert not RESERVED & set(keys)
