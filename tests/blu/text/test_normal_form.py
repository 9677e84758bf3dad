"""Unicode's normal forms in time that grows with the length of a text alone."""

import ast
import unicodedata
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from blu.text.normal_form import MARKS_MOST, normalized

ROOT: Path = settings.BASE
# Marks of two classes in turn: each is carried past all before it. Half-width ones are letters until they are taken apart.
TURNS = ("\u0315\u0300", "\uff9e\u0300", "\u0f73", "\u0344\u0315")


@pytest.mark.parametrize("form", ["NFKC", "NFKD"])
@pytest.mark.parametrize("marks", TURNS)
def test_of_a_letter_with_thousands_of_marks_some_are_left(form: str, marks: str) -> None:
    found = unicodedata.normalize("NFKD", normalized(form, "a" + marks * 30_000 + "b"))
    assert found[0] == "a"
    assert found[-1] == "b"
    assert len(found) <= 2 + 2 * MARKS_MOST


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["NFKC", "NFKD"]))
def test_any_other_text_is_as_unicode_has_it(text: str, form: str) -> None:
    assert normalized(form, text) == unicodedata.normalize(form, text)


@given(st.text(st.sampled_from("aé\u0315\u0300\uff9e\u0f73\u1100\u1161日ﷺ"), max_size=300))
def test_no_run_of_marks_is_long(text: str) -> None:
    run = longest = 0
    for char in unicodedata.normalize("NFKD", normalized("NFKD", text)):
        run = run + 1 if unicodedata.combining(char) else 0
        longest = max(longest, run)
    assert longest <= MARKS_MOST + 1


def test_nobody_normalises_otherwise() -> None:
    found = {
        str(file.relative_to(ROOT))
        for folder in ("blu", "campaigns", "contacts", "sessions")
        for file in (ROOT / folder).rglob("*.py")
        if "normalize" in (text := file.read_text(encoding="utf-8"))
        and any(
            isinstance(node, ast.Attribute) and node.attr == "normalize"
            for node in ast.walk(ast.parse(text))
        )
    }
    assert found == {"blu/text/normal_form.py"}
