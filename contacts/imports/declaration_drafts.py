"""A declaration that was begun and left for later. The tick is no part of it: who imports
declares, at that moment and by hand.
"""

from collections.abc import Mapping

from contacts.models import Import

LETTERS = 2_000  # of a value; the longest field, the wording, has as many
_NEVER = ("declared",)


def keep(*, upload: Import, typed: Mapping[str, str]) -> None:
    """Keep what was typed, by the names of StartForm's fields, until the page is opened again.

    What the page didn't ask this time stays as it was typed.
    """
    new = {
        name: value[:LETTERS].replace("\0", "")
        for name, value in typed.items()
        if name not in _NEVER
    }
    draft = {**upload.draft, **new}
    Import.objects.filter(pk=upload.pk, status=Import.Status.UPLOADED).update(draft=draft)
