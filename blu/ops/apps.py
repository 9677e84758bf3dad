import gc

from django.apps import AppConfig
from django.core import checks

from blu.ops.checks import (
    commits_are_kept,
    deploy_is_complete,
    sandbox_is_there,
    statements_end,
)

OURS = "blu"  # the tag of what production lacks by our own rules: check --deploy --tag blu


class OpsConfig(AppConfig):
    name = "blu.ops"
    verbose_name = "blü"

    def ready(self) -> None:
        """Register the system checks; what was loaded is never looked through for garbage again."""
        gc.freeze()
        gc.enable()
        for check in (deploy_is_complete, sandbox_is_there):
            checks.register(check, OURS, deploy=True)
        for check in (statements_end, commits_are_kept):
            checks.register(check, checks.Tags.database, deploy=True)
