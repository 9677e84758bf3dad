"""`manage.py postgres`: owns the embedded PostgreSQL of trial and tests, in the foreground."""

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blu.lib import lock, trial
from blu.lib.postgres import Server
from blu.lib.postgres_files import PostgresFailed


class Command(BaseCommand):
    help = "Runs the embedded PostgreSQL in the foreground until it is told to stop."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--not-durable",
            action="store_true",
            help="Faster, for tests: a power cut may damage the data.",
        )
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="Stop when the process that started this ends.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        parent = os.getppid()
        asked_to_stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked_to_stop.set())
        server = Server(settings.VAR, durable=not options["not_durable"])
        try:
            with lock.only_one(trial.make_run_folder(settings.VAR) / "postgres.lock"):
                self._own(server, asked_to_stop, parent if options["with_parent"] else None)
        except lock.AlreadyHeld:
            raise CommandError(f"`manage.py postgres` already runs for {settings.VAR}") from None

    def _own(self, server: Server, asked_to_stop: threading.Event, parent: int | None) -> None:
        try:
            self._start(server)
            while server.alive() and not asked_to_stop.wait(0.3):
                if parent not in (None, os.getppid()):
                    asked_to_stop.set()
            if not asked_to_stop.is_set():
                raise CommandError(_ended(server))
        finally:
            server.stop()

    def _start(self, server: Server) -> None:
        try:
            server.start()
        except PostgresFailed as failed:
            raise CommandError(str(failed)) from None
        except psycopg.OperationalError:
            # It was ready, and died while its roles and database were made.
            raise CommandError(_ended(server)) from None
        verb = "adopted" if server.adopted else "started"
        self.stdout.write(f"PostgreSQL {verb}: {server.socket}")


def _ended(server: Server) -> str:
    return f"PostgreSQL ended by itself; see {server.log}"
