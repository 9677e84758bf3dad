"""What a text is in another language is looked up once.

Most of ours are Portuguese as they are: for each, on every page anew, Django asked the catalogs of all
apps and of their fallbacks, one after the other, and found nothing.
"""

from functools import lru_cache

from django.utils.translation.trans_real import DjangoTranslation

MOST = 10_000  # texts in all languages: several times as many as there are


def remember() -> None:
    """Let each catalog remember what it found, for as long as it is the catalog of its language."""
    DjangoTranslation.gettext = lru_cache(MOST)(DjangoTranslation.gettext)  # type: ignore[method-assign]
