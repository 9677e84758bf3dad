"""How the rows of an import add up: the same numbers under the same words on every page."""

from dataclasses import dataclass

from contacts.models import Import


@dataclass(frozen=True)
class Counts:
    """Each row (blank ones and footers are none) is one of three, so rows = ready + errors + duplicates.

    `ready`: a contact of its own; `errors`: left out; `duplicates`: merged into an earlier row.
    """

    ready: int
    errors: int
    duplicates: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.ready + self.errors + self.duplicates


def found(one: Import) -> Counts:
    """What the reading of a file found, before anything was written."""
    kinds = ("ready", "errors", "duplicates")
    return Counts(*(int(one.findings.get(kind, 0)) for kind in kinds))


def written(one: Import) -> Counts:
    """What became of the rows so far."""
    return Counts(ready=one.people, errors=one.errors, duplicates=one.duplicates)
