from django.apps import AppConfig
from django.contrib.admin import apps as admin


class BluConfig(AppConfig):
    name = "blu"
    verbose_name = "blü"


class AdminConfig(admin.AdminConfig):
    """Django's admin with blü's site; INSTALLED_APPS names it."""

    default = False
    default_site = "blu.admin_site.SupportSite"
