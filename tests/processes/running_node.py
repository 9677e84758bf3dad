"""A whole node as `manage.py up` runs it, with campaigns under way: to be hurt by tests."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.conf import settings

from blu.lab.chaos import two_nodes
from blu.lab.chaos.two_nodes import Pace, environment
from blu.ops import dev_secrets, exec_wrapper
from sessions.simulator.client import SimulatorClient
from tests.eventually import GENEROUS, NotYet
from tests.prepared import begin_with_tables

SEED = """
import json, sys
from django.conf import settings
from blu.lab.chaos import scenario
from sessions.simulator.client import SimulatorClient
launched = scenario.assemble(SimulatorClient(settings.SIMULATOR_URL), **json.loads(sys.argv[1]))
print("sessions", json.dumps([campaign.session_id for campaign in launched]))
"""
AGAIN = """
import json, sys
from blu.lab.chaos import scenario
wanted = json.loads(sys.argv[1])
launched = scenario.through_linked(wanted["recipients"], wanted["kinds"])
print("sessions", json.dumps([campaign.session_id for campaign in launched]))
"""


@dataclass
class Running:
    """One node: its environment, its `up`, what that said."""

    env: dict[str, str]
    process: "subprocess.Popen[bytes]"
    sessions: list[int] = field(default_factory=list)
    _connection: "psycopg.Connection[tuple[Any, ...]] | None" = None

    @property
    def var(self) -> Path:
        """Its data folder."""
        return Path(self.env["BLU_VAR"])

    @property
    def run(self) -> Path:
        """Its run folder."""
        return dev_secrets.run_folder(self.var)

    @property
    def said(self) -> str:
        """What `up` wrote."""
        return (self.var / "up.log").read_text(encoding="utf-8")

    @property
    def simulator(self) -> SimulatorClient:
        """A client of the simulator of its trial."""
        return SimulatorClient(f"http://127.0.0.1:{self.env['BLU_SIMULATOR_PORT']}")

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement, as the owner of the tables."""
        if self._connection is None or self._connection.closed:
            url = (
                self.env["BLU_OWNER_DATABASE_URL"]
                if "DATABASE_URL" in self.env
                else dev_secrets.database_url(self.var, "blu_owner")
            )
            self._connection = psycopg.connect(url, autocommit=True)
        cursor = self._connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def main(self, name: str) -> psutil.Process:
        """The main process of one of its programs."""
        found = exec_wrapper.running(self.run, name)
        if found is None:
            raise NotYet(f"{name} does not run")
        return found

    def marked(self, name: str) -> list[psutil.Process]:
        """Every process of one of its programs."""
        return list(exec_wrapper.marked(exec_wrapper.mark(str(self.run), name)))

    def send(self, **what: int) -> None:
        """Link accounts and launch campaigns through the product's own services."""
        self._launch(SEED, what)

    def send_on(self, recipients: int, **kinds: int) -> None:
        """Launch campaigns to so many people each through some of the accounts that a chaos has linked."""
        self._launch(AGAIN, {"recipients": recipients, "kinds": kinds})

    def _launch(self, script: str, what: object) -> None:
        code = script.replace("sys.argv[1]", repr(json.dumps(what)))
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
            cwd=settings.BASE, env=self.env, capture_output=True, text=True, timeout=GENEROUS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        self.sessions = json.loads(done.stdout.rsplit("sessions", 1)[1])

    def driver(self, session: int) -> psutil.Process:
        """The worker that drives a session now."""
        found = self.sql(
            "SELECT runner.pid FROM wa_sessions_lease lease"
            " JOIN wa_sessions_runner runner ON runner.id = lease.runner_id"
            " WHERE lease.session_id = %s",
            session,
        )
        if not found:
            raise NotYet("nobody drives it")
        return psutil.Process(found[0][0])

    def now(self) -> Any:
        """The database's time."""
        return self.sql("SELECT statement_timestamp()")[0][0]

    def now_minus(self, seconds: float) -> Any:
        """Some seconds before that."""
        return self.sql("SELECT statement_timestamp() - make_interval(secs => %s)", seconds)[0][0]

    def answered(self, cluster: str) -> str:
        """The last probe that a cluster answered, "" where the next one is under way."""
        return next((file.name for file in self.run.glob(f"{cluster}.probe.*")), "")

    def sent_since(self, moment: Any) -> dict[int, int]:
        """How many messages claimed after `moment` were sent, by session."""
        rows = self.sql(
            "SELECT session_id, count(*) FROM campaigns_delivery"
            " WHERE sending_at > %s AND sent_at IS NOT NULL GROUP BY 1",
            moment,
        )
        return dict(rows)

    def repeated(self) -> list[str]:
        """Who got a message of one campaign twice, by the simulator's own record."""
        seen: dict[tuple[str, str], int] = {}
        for message in self.simulator.messages():
            key = (str(message["to"]), str(message["text"]))
            seen[key] = seen.get(key, 0) + 1
        return [to for (to, _text), count in seen.items() if count > 1]


@contextmanager
def up(env: dict[str, str]) -> Iterator[Running]:
    """`manage.py up` until every program answers; stopped at the end, and nothing is left."""
    with two_nodes.up(env) as process:
        running = Running(env, process)
        yield running
        stop(running)


def stop(running: Running) -> None:
    """SIGTERM to `up`, until it has ended."""
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(GENEROUS)


def node(folder: Path, pace: Pace, **more: str) -> dict[str, str]:
    """The environment of a trial of its own below `folder`, whose database has its tables."""
    begin_with_tables(folder / "var")
    return fresh_node(folder, pace, **more)


def fresh_node(folder: Path, pace: Pace, **more: str) -> dict[str, str]:
    """The same, where nothing is there yet."""
    return environment(folder / "var", pace) | {"DJANGO_SETTINGS_MODULE": "blu.settings"} | more


def kill(process: psutil.Process) -> None:
    """kill -9."""
    os.kill(process.pid, signal.SIGKILL)
