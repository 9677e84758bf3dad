"""Search words: folded, and each with the business it belongs to."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from blu.text import fold
from contacts.models import Contact
from tests import factories


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("João", "joao"),
        ("ÇÃO", "cao"),
        ("Lúcia Prado", "lucia prado"),
        ("O'Neil", "o'neil"),
        ("", ""),
    ],
)
def test_accents_and_case_are_folded(text: str, folded: str) -> None:
    assert fold.fold(text) == folded


def test_a_vector_holds_words_and_every_form_of_the_number() -> None:
    assert fold.vector(7, "Lúcia D'Ávila", "+5511987654321") == (
        "'7:11987654321' '7:4321' '7:5511987654321' '7:987654321' '7:avila' '7:d' '7:lucia'"
    )


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Lúc", "'7:luc':*"),
        ("lucia pra", "'7:lucia':* & '7:pra':*"),
        ("(11) 98765-4321", "'7:11987654321':*"),
        ("8765-4321", "'7:87654321':* | '7:987654321':*"),
        ("  ", ""),
        ("!!!", ""),
    ],
)
def test_a_query_looks_for_beginnings_of_words(text: str, query: str) -> None:
    assert fold.query(7, text) == query


@given(name=st.text(max_size=40), text=st.text(max_size=40))
def test_nothing_that_people_type_breaks_out_of_its_quotes(name: str, text: str) -> None:
    for literal in (fold.vector(7, name, "+5511987654321"), fold.query(7, text)):
        words = [word for word in literal.replace(":*", "").split() if word not in ("&", "|")]
        assert all(word.startswith("'7:") and word.endswith("'") for word in words)
        assert all(word[3:-1].isalnum() and word.isascii() for word in words)


@pytest.mark.django_db
class TestInTheDatabase:
    def find(self, business_id: int, text: str) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM contacts_contact WHERE search @@ %s::tsquery",
                [fold.query(business_id, text)],
            )
            return {name for (name,) in cursor.fetchall()}

    def test_a_contact_is_found_by_name_and_number(self) -> None:
        contact = factories.make_contact(
            factories.make_business(), "Lúcia Prado", phone="+5511987654321"
        )
        for text in (
            "lucia",
            "PRA",
            "prado luc",
            "98765",
            "11 98765-4321",
            "5511987654321",
            "87654321",
            "4321",
        ):
            assert self.find(contact.business_id, text) == {"Lúcia Prado"}, text
        for text in ("marcia", "6543", "5432"):
            assert self.find(contact.business_id, text) == set(), text

    def test_who_was_there_before_is_found_by_the_last_digits_too(self) -> None:
        contact = factories.make_contact(factories.make_business(), phone="+5511987654321")
        new = Contact.objects.get(pk=contact.pk).search
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE contacts_contact SET search = ts_delete(search, %s)",
                [f"{contact.business_id}:4321"],
            )
        assert self.find(contact.business_id, "4321") == set()
        with connection.schema_editor() as editor:
            import_module("contacts.migrations.0009_last_digits_find").add(apps, editor)
        assert Contact.objects.get(pk=contact.pk).search == new

    def test_another_business_finds_nothing(self) -> None:
        factories.make_contact(factories.make_business(), "Lúcia Prado")
        assert self.find(factories.make_business().pk, "lucia") == set()

    def test_a_changed_name_is_found_by_its_new_words(self) -> None:
        contact = factories.make_contact(factories.make_business(), "Lúcia Prado")
        contact.name = "Márcia Souza"
        contact.save(update_fields=["name"])
        assert self.find(contact.business_id, "marcia") == {"Márcia Souza"}
        assert self.find(contact.business_id, "lucia") == set()
        assert Contact.objects.count() == 1
