from django.apps import AppConfig


class BluConfig(AppConfig):
    name = "blu"
    verbose_name = "blü"
