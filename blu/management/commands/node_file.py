"""`manage.py node_file NAME`: the one environment file that another node needs."""

import os
import shlex
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from blu.ops import dev_secrets, environment


class Command(BaseCommand):
    """Print it; the reader keeps it where only the service can read it."""

    help = "Prints the environment file of another node on this node's database. It holds secrets."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What differs from node to node."""
        parser.add_argument("name", help="NODE of the new node: letters, digits, dashes.")
        parser.add_argument("--var", default="", help="its own data folder (BLU_VAR)")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--slots", type=int, default=settings.SLOTS)

    def handle(self, *args: Any, **options: Any) -> None:
        """One KEY='value' a line, for a shell and for systemd's EnvironmentFile alike."""
        own = {
            "NODE": options["name"],
            "BLU_VAR": options["var"] or f"{settings.VAR}-{options['name']}",
            "BLU_PORT": str(options["port"]),
            "BLU_SLOTS": str(options["slots"]),
        }
        for name, value in {**own, **_shared()}.items():
            self.stdout.write(f"{name}={shlex.quote(value)}")


def _shared() -> dict[str, str]:
    """What all nodes of an installation have in common."""
    common = {
        "DATABASE_URL": _url("blu_web", "DATABASE_URL"),
        environment.JOBS: _url("blu_jobs", environment.JOBS),
        environment.OWNER: _url("blu_owner", environment.OWNER),
        environment.HOSTS: _url("blu_host", environment.HOSTS),
        environment.DEVICES: _device_store(),
        "SECRET_KEY": settings.SECRET_KEY,
        "BLU_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        environment.ERASURE: settings.ERASURE_KEY,
        "BLU_SHARED": str(settings.SHARED),
        "BLU_HOME_STORAGE": str(settings.HOME_STORAGE),
        "BLU_PUBLIC_URL": settings.PUBLIC_URL,
        "BLU_SIMULATOR_URL": settings.SIMULATOR_URL,
        "BLU_TRIAL": "1" if settings.TRIAL else "",
        "BLU_TIME_SCALE": "" if settings.TIME_SCALE == 1 else str(settings.TIME_SCALE),
    }
    for name in (
        "ALLOWED_HOSTS",
        "EMAIL_URL",
        "BLU_BROWSER",
        "BLU_HTTPS",
        "BLU_HOST",
        "BLU_VISIT_SECONDS",
    ):
        common[name] = os.environ.get(name, "")
    return {name: value for name, value in common.items() if value}


def _device_store() -> str:
    if settings.EMBEDDED_DATABASE:
        return dev_secrets.database_url(settings.VAR, "blu_store")
    return str(settings.DEVICE_STORE_URL)


def _url(role: str, variable: str) -> str:
    if settings.EMBEDDED_DATABASE:
        return dev_secrets.database_url(settings.VAR, role)
    return os.environ.get(variable, os.environ["DATABASE_URL"])
