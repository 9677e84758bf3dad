"""What can be done to contacts: one verb, one transaction each."""

from contacts.imports.refusals import FileRefused
from contacts.services.declarations import Declaration, declare
from contacts.services.discarding import discard_forgotten, discard_import, tidy
from contacts.services.people import NumberTaken, add_contact, change_contact, correct_number
from contacts.services.run import refuse_too_big, run_import
from contacts.services.uploads import (
    NotNow,
    adjust_import,
    import_file,
    receive_upload,
    start_import,
    use_area_code,
)

__all__ = [
    "Declaration",
    "FileRefused",
    "NotNow",
    "NumberTaken",
    "add_contact",
    "adjust_import",
    "change_contact",
    "correct_number",
    "declare",
    "discard_forgotten",
    "discard_import",
    "import_file",
    "receive_upload",
    "refuse_too_big",
    "run_import",
    "start_import",
    "tidy",
    "use_area_code",
]
