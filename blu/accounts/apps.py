from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "blu.accounts"
    label = "accounts"
    verbose_name = _("Contas")
