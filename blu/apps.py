import gc
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks

from blu.checks import deploy_is_complete, sandbox_is_there, statements_end

OURS = "blu"  # the tag of what production lacks by our own rules: check --deploy --tag blu


class BluConfig(AppConfig):
    name = "blu"
    verbose_name = "blü"

    def ready(self) -> None:
        """Register the system checks; what was loaded is never looked through for garbage again."""
        gc.freeze()
        gc.enable()
        for check in (deploy_is_complete, sandbox_is_there):
            checks.register(check, OURS, deploy=True)
        checks.register(statements_end, checks.Tags.database, deploy=True)


class AdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin with blü's site; INSTALLED_APPS names it.

    Its pages are loaded by blu.urls: no worker, watch or server of ours spends its start on them.
    """

    default = False
    default_site = "blu.admin_site.SupportSite"

    def ready(self) -> None:
        """Register Django's checks of an admin, over all pages."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(admin_pages, checks.Tags.admin)


def admin_pages(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """A check: Django's own of each admin page, which may not have been loaded yet."""
    admin.autodiscover()
    return list(check_admin_app(app_configs))
