"""The spreadsheet in which a person fills in who agreed: a list without such a column, with one to fill in."""

from blu.jobs.prepared_files import Prepared
from contacts.imports import problem_exports
from contacts.imports.forms import LEAVE_OUT, says_nobody
from contacts.models import Import


def prepared_for(upload: Import) -> Prepared | None:
    """What can be asked for now; None where the file says who agreed, or has nobody to ask about.

    Other columns, or another number chosen for a row, make another file.
    """
    if upload.status != Import.Status.UPLOADED or not upload.findings.get("ready"):
        return None
    if not says_nobody(upload.findings):
        return None
    return problem_exports.sheet_of(upload, "blu.tasks.export_answers", choices_of(upload))


def choices_of(upload: Import) -> dict[int, str]:
    """The number that was chosen for a row with several and kept for later, "" for a row to leave out."""
    return {
        int(name.removeprefix("phone")): "" if value == LEAVE_OUT else value
        for name, value in sorted(upload.draft.items())
        if name.startswith("phone") and name.removeprefix("phone").isdecimal() and value
    }
