from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from blu.accounts.checks import sign_up_tells_nothing


class AccountsConfig(AppConfig):
    name = "blu.accounts"
    label = "accounts"
    verbose_name = _("Contas")

    def ready(self) -> None:
        """Register the system checks."""
        checks.register(sign_up_tells_nothing)
