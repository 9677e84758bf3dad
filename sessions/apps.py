from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from sessions.checks import (
    kinds_are_told_by_webhooks_only,
    links_can_be_driven,
    node_has_a_plain_name,
    simulator_only_in_trial,
)


class SessionsConfig(AppConfig):
    # django.contrib.sessions owns the label "sessions".
    name = "sessions"
    label = "wa_sessions"
    verbose_name = _("WhatsApp")

    def ready(self) -> None:
        """Register the system checks."""
        checks.register(simulator_only_in_trial)
        checks.register(node_has_a_plain_name)
        checks.register(links_can_be_driven)
        checks.register(kinds_are_told_by_webhooks_only)
