"""What an opt-in needs of WhatsApp, of which contacts know nothing: settings.OPT_IN_MESSENGER names who does it."""

from typing import NamedTuple, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from contacts.models import OptIn


class Number(NamedTuple):
    """An account of a business that people may write to."""

    phone: str
    name: str


class Messenger(Protocol):
    """Implemented by campaigns.notices.opt_in_codes."""

    def number_of(self, business_id: int) -> Number | None:
        """The account that people write to; None where the business has none that hears."""

    def send_code(self, request: OptIn) -> None:
        """Queue the code of a request for its number; blu.accounts.refused.Refused where none may go."""


def messenger() -> Messenger:
    """The one of this installation."""
    return cast(Messenger, import_string(settings.OPT_IN_MESSENGER)())
