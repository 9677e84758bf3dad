"""`manage.py cluster`: the django-q2 cluster named by Q_CLUSTER_NAME, stoppable between messages."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from blu.jobs import queue
from blu.ops import dev_secrets, environment


class Command(BaseCommand):
    """Run one cluster until SIGTERM."""

    # `up` has checked everything, and each start of a worker would load all pages for it.
    requires_system_checks: list[str] = []
    help = "Runs the django-q2 cluster named by Q_CLUSTER_NAME."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the cluster; its tasks see a stop by a flag file in the run folder."""
        name = os.environ.get("Q_CLUSTER_NAME", queue.JOBS)
        environment.forget()
        queue.run_cluster(dev_secrets.make_run_folder(settings.VAR), name)
