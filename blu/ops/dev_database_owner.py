"""`python -m blu.ops.dev_database_owner`: owns the embedded PostgreSQL of trial and tests, in the foreground.

It needs no Django, as the simulator, and so starts in half the time.
"""

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path

import psycopg

from blu.ops import dev_secrets, process_lock
from blu.ops.dev_database import Server
from blu.ops.dev_database_files import PostgresFailed


class Ended(Exception):
    """One line that says why no server runs."""


def main() -> None:
    """Until SIGTERM or Ctrl-C; one line and exit status 1 when there is no server to own."""
    options = _parser().parse_args()
    # What is written is its user's alone.
    os.umask(0o077)
    parent = os.getppid()
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    var = options.data.resolve()
    server = Server(var, durable=not options.not_durable)
    try:
        with process_lock.only_one(dev_secrets.make_run_folder(var) / "postgres.lock"):
            _own(server, asked_to_stop, parent if options.with_parent else None)
    except process_lock.AlreadyHeld:
        sys.exit(f"postgres: somebody owns the one of {var} already")
    except Ended as refused:
        sys.exit(f"postgres: {refused}")


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m blu.ops.dev_database_owner", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder of the trial")
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
    return parser


def _own(server: Server, asked_to_stop: threading.Event, parent: int | None) -> None:
    try:
        _start(server)
        while server.alive() and not asked_to_stop.wait(0.3):
            if parent not in (None, os.getppid()):
                asked_to_stop.set()
        if not asked_to_stop.is_set():
            raise Ended(_ended(server))
    finally:
        server.stop()


def _start(server: Server) -> None:
    try:
        server.start()
    except PostgresFailed as failed:
        raise Ended(str(failed)) from None
    except psycopg.OperationalError:
        # It was ready, and died while its roles and database were made.
        raise Ended(_ended(server)) from None
    verb = "adopted" if server.adopted else "started"
    sys.stdout.write(f"PostgreSQL {verb}: {server.socket}\n")
    sys.stdout.flush()


def _ended(server: Server) -> str:
    return f"PostgreSQL ended by itself; see {server.log}"


if __name__ == "__main__":
    main()
