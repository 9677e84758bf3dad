"""`{{variável|reserva}}`: what is accepted, what is refused and where, and what comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.messages import variables
from campaigns.messages.whatsapp_markup import Piece

KNOWN = {"nome", "nome_completo", "unidade", "plano_de_saude"}


def test_value_is_filled_in_and_fallback_stands_in_for_a_blank_one():
    text = "Olá, {{nome|tudo bem}}! Unidade {{ unidade | Centro }}."
    assert variables.render(text, {"nome": "Lúcia", "unidade": "Sul"}) == "Olá, Lúcia! Unidade Sul."
    assert variables.render(text, {"nome": "  "}) == "Olá, tudo bem! Unidade Centro."


def test_missing_value_without_fallback_leaves_nothing():
    assert variables.render("Olá{{nome}}!", {}) == "Olá!"


@pytest.mark.parametrize("written", ["NOME", "Nome", "nomé", " nome "])
def test_case_accents_and_spaces_of_a_name_do_not_matter(written):
    assert variables.render(f"{{{{{written}}}}}", {"nome": "Ana"}) == "Ana"


def test_name_of_several_words_is_one_key():
    assert variables.key("Plano de Saúde") == "plano_de_saude"
    assert variables.check("{{Plano de saúde}} {{plano_de_saude}}", KNOWN) == []


def test_value_with_braces_or_percent_is_never_expanded():
    values = {"nome": "{{unidade|x}}", "unidade": "%s %d {{nome}}"}
    assert (
        variables.render("100% {{nome}} {{unidade}}", values) == "100% {{unidade|x}} %s %d {{nome}}"
    )


def test_names_are_listed_once_in_order():
    assert variables.names("{{unidade}} {{Nome|x}} {{ NOME }} {{}}") == ["unidade", "nome"]


def test_pieces_tell_what_was_filled_in_and_what_fell_back():
    assert variables.render_marked("Olá, {{nome}} da {{unidade|Centro}}!", {"nome": "Ana"}) == [
        Piece("Olá, "),
        Piece("Ana", "filled"),
        Piece(" da "),
        Piece("Centro", "fallback"),
        Piece("!"),
    ]


def test_fallback_is_replaced_in_every_placeholder_of_its_variable():
    text = "{{nome}}, {{ Nome |x}} e {{unidade|y}}"
    assert (
        variables.with_fallbacks(text, {"nome": "você"})
        == "{{nome|você}}, {{Nome|você}} e {{unidade|y}}"
    )
    assert variables.with_fallbacks("{{nome|x}}", {"nome": ""}) == "{{nome}}"


def test_fallback_with_braces_can_not_break_the_text():
    text = variables.with_fallbacks("{{nome}}", {"nome": "a}} {{b\nc|d"})
    assert variables.check(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("Olá, {{nome", 1, 6, "faltou fechar"),
        ("Olá,\n\n  {{nome\n}}!", 3, 3, "faltou fechar"),
        ("Olá, {{nome}", 1, 6, "faltou fechar"),
        ("Olá, {{}}!", 1, 6, "falta o nome"),
        ("Olá, {{ |você}}!", 1, 6, "falta o nome"),
        ("Olá, {{convenio}}!", 1, 6, "não existe o dado “convenio”"),
        ("Olá, {{unidad}}!", 1, 6, "Seria “unidade”?"),
        ("a\n{{nome|{{unidade}}}}", 2, 1, "não cabe dentro"),
        ("Olá, nome}}!", 1, 10, "sobraram chaves"),
        ("Olá, {{{nome}}}!", 1, 6, "só duas chaves"),
        ("Olá, {nome}!", 1, 6, "escreva {{nome}}"),
        ("Olá, {{no{me}}!", 1, 6, "vai só o nome e a reserva"),
        ("Olá, {{nome|a|b}}!", 1, 6, "só uma reserva"),
        ("Olá, {{nome||}}!", 1, 6, "só uma reserva"),
        ("Olá, {{nmoe|a|b}}!", 1, 6, "Seria “nome”?"),
    ],
)
def test_problem_is_told_once_with_its_place(text, line, column, said):
    (problem,) = variables.check(text, KNOWN)
    assert problem.place is not None
    assert problem.place[1:] == (line, column)
    assert said in str(problem)
    assert str(problem).startswith(f"Linha {line}, coluna {column}: ")


def test_every_problem_of_a_text_is_told():
    found = variables.check("{{x}} {{nome}} {{", KNOWN)
    assert [problem.place.column for problem in found] == [1, 16]


def test_braces_that_are_no_variable_are_left_alone():
    assert variables.check("Código {A1} e {}", KNOWN) == []


@pytest.mark.parametrize("text", ["{ee}}", "{nome}}", "{{nome}} {x}}"])
def test_braces_that_close_twice_and_open_once_are_a_problem(text):
    assert variables.check(text, KNOWN)


@given(st.text(alphabet="{}|% \nabnome", max_size=60), st.text(max_size=20))
def test_any_text_renders_and_pieces_agree_with_it(text, value):
    values = {"nome": value, "a": "%s"}
    pieces = variables.render_marked(text, values)
    assert "".join(piece.text for piece in pieces) == variables.render(text, values)


@given(st.text(alphabet="{}| \nnome", max_size=60))
def test_text_without_problems_leaves_no_double_braces(text):
    if not variables.check(text, {"nome", "n", "o", "m", "e"}):
        rendered = variables.render(text, {})
        assert "{{" not in rendered
        assert "}}" not in rendered


@given(st.text(alphabet="{}| \nnomeé", max_size=60))
def test_position_agrees_with_line_and_column(text):
    for problem in variables.check(text, {"nome"}):
        lines = text.split("\n")
        assert (
            sum(len(line) + 1 for line in lines[: problem.place.line - 1])
            + problem.place.column
            - 1
            == problem.place.position
        )


@given(st.text(max_size=30).filter(lambda value: value.strip()))
def test_value_comes_out_exactly_but_for_blanks_around_it(value):
    assert variables.render("<{{nome|x}}>", {"nome": value}) == f"<{value.strip()}>"
