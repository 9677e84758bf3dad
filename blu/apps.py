from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.core import checks

from blu.checks import deploy_is_complete, sandbox_is_there, statements_end


class BluConfig(AppConfig):
    name = "blu"
    verbose_name = "blü"

    def ready(self) -> None:
        """Register the system checks."""
        for check in (deploy_is_complete, sandbox_is_there):
            checks.register(check, deploy=True)
        checks.register(statements_end, checks.Tags.database, deploy=True)


class AdminConfig(admin.SimpleAdminConfig):
    """Django's admin with blü's site; INSTALLED_APPS names it.

    Its pages are loaded by blu.urls: no worker, watch or server of ours spends its start on them.
    """

    default = False
    default_site = "blu.admin_site.SupportSite"
