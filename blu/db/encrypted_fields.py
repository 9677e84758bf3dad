"""Encryption at rest: a text field whose column holds only MultiFernet tokens.

The first key of `settings.ENCRYPTION_KEYS` writes, all of them read, so keys can be rotated.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(data: bytes) -> bytes:
    """A token only this installation can read."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(data)


def unseal(token: bytes) -> bytes:
    """The data behind a token; cryptography's InvalidToken when no key fits."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).decrypt(token)


def encrypt(text: str) -> str:
    """The same for text."""
    return seal(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text behind a token; cryptography's InvalidToken when no key fits."""
    return unseal(token.encode()).decode()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """A TextField encrypted in the database. It can't be searched, only read and written."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database; empty stays empty."""
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Decrypt on the way out."""
        return decrypt(value) if value else value
