"""Encryption at rest: unreadable in the column, readable with any of the keys."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import connection
from pytest_django import Settings

from blu.db.encrypted_fields import decrypt, encrypt
from sessions.models import Pairing
from tests import factories


def test_what_was_encrypted_is_read_again() -> None:
    assert decrypt(encrypt("2@código,é=")) == "2@código,é="


def test_the_same_text_never_looks_the_same() -> None:
    assert encrypt("ABCD1234") != encrypt("ABCD1234")


def test_a_new_first_key_still_reads_what_the_old_one_wrote(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    token = encrypt("ABCD1234")
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(token) == "ABCD1234"
    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(InvalidToken):
        decrypt(token)


@pytest.mark.django_db
def test_the_column_never_holds_the_text() -> None:
    pairing = Pairing.objects.create(
        link=factories.make_session(factories.make_business()).link, code="ABCD1234"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM wa_sessions_pairing")
        (raw,) = cursor.fetchone()
    assert "ABCD" not in raw
    assert decrypt(raw) == "ABCD1234"
    pairing.refresh_from_db()
    assert pairing.code == "ABCD1234"


@pytest.mark.django_db
def test_nothing_stays_nothing() -> None:
    Pairing.objects.create(link=factories.make_session(factories.make_business()).link)
    assert Pairing.objects.filter(code="").count() == 1
