"""Django's admin, with the site of ours."""

from typing import Any

from django.contrib.admin import apps as admin_apps
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks

from blu.support.discovery import load_admin_pages


class AdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin with blü's site; INSTALLED_APPS names it.

    Its pages are loaded by blu.support.urls: no worker, watch or server of ours spends its start on them.
    """

    default = False
    default_site = "blu.support.site.SupportSite"

    def ready(self) -> None:
        """Register Django's checks of an admin, over all pages."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(admin_pages, checks.Tags.admin)


def admin_pages(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """A check: Django's own of each admin page, which may not have been loaded yet."""
    load_admin_pages()
    return list(check_admin_app(app_configs))
