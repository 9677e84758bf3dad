"""Starts supervisor for a node, talks to it, and leaves nothing behind when it ends."""

import os
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from blu.ops import dev_secrets, process_tree
from blu.ops.supervisor_config import GROUPS, STOP_SECONDS, Node, configuration

READY_SECONDS = 15.0
# One stop time for each group after the other, and a little for supervisor itself.
SHUTDOWN_SECONDS = len(GROUPS) * (STOP_SECONDS + 2.0)
KILL_SECONDS = 5.0


# The variable by which the programs of one start know each other, and that a node is this one.
INSTANCE = "BLU_INSTANCE"


class SupervisorFailed(Exception):
    """supervisor did not start or ended by itself; the message is one line for a person."""


def say_ready() -> None:
    """Tell systemd, where that started this process, that it is at work: sd_notify(3)."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(b"READY=1", address.replace("@", "\0", 1))


def displaced_file(run: Path) -> Path:
    """Where a node's watch says that the node must stop, and why."""
    return run / "displaced"


class Supervisor:
    """The running supervisor of one node."""

    def __init__(self, node: Node) -> None:
        self._log = node.var / "log" / "supervisord.log"
        self._socket = dev_secrets.run_folder(node.var) / "supervisor.sock"
        self._displaced = displaced_file(dev_secrets.run_folder(node.var))
        self._displaced.unlink(missing_ok=True)
        file = dev_secrets.run_folder(node.var) / "supervisord.conf"
        file.write_text(configuration(node), encoding="utf-8")
        self._process = subprocess.Popen(
            [node.python, "-m", "supervisor.supervisord", "-c", str(file)],
            cwd=node.root,
            stdin=subprocess.DEVNULL,
            # Ctrl-C goes to the whole terminal group; only we decide when supervisor stops.
            start_new_session=True,
            preexec_fn=process_tree.end_with_parent,  # noqa: PLW1509 (no thread runs yet)
        )

    def wait_until_ready(self) -> None:
        """Until it answers. Raises SupervisorFailed."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            self.check()
            try:
                self._rpc().getState()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise SupervisorFailed(f"supervisor does not answer; see {self._log}") from None
                time.sleep(0.1)

    def start_group(self, group: str) -> None:
        """Start the programs of a group without waiting for them."""
        self._rpc().startProcessGroup(group, False)

    def states(self) -> dict[str, str]:
        """The state of each program, in supervisor's words: RUNNING, BACKOFF, STARTING …"""
        return {each["name"]: each["statename"] for each in self._rpc().getAllProcessInfo()}

    def check(self) -> None:
        """Reap orphans. Raises SupervisorFailed when supervisor has ended, or this node must stop."""
        process_tree.reap(spare=self._process.pid)
        if self._process.poll() is not None:
            raise SupervisorFailed(f"supervisor ended by itself; see {self._log}")
        if self._displaced.exists():
            raise SupervisorFailed(self._displaced.read_text(encoding="utf-8").strip())

    def _rpc(self) -> Any:
        """A connection of its own for each call: one that failed once is of no further use."""
        transport: Any = SupervisorTransport(None, None, f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy("http://localhost", transport=transport).supervisor

    def stop(self) -> None:
        """Let every program finish within its time, then kill what is left of them."""
        if self._process.poll() is None:
            self._process.terminate()
            deadline = time.monotonic() + SHUTDOWN_SECONDS
            while self._process.poll() is None and time.monotonic() < deadline:
                process_tree.reap(spare=self._process.pid)
                time.sleep(0.1)
        process_tree.end_all(KILL_SECONDS)
        self._process.poll()


@contextmanager
def supervised(node: Node) -> Iterator[Supervisor]:
    """Run a node's supervisor (its database already starting) for the time of the block."""
    process_tree.inherit_orphans()
    (node.var / "log").mkdir(parents=True, exist_ok=True)
    dev_secrets.make_run_folder(node.var)
    supervisor = Supervisor(node)
    try:
        supervisor.wait_until_ready()
        yield supervisor
    finally:
        supervisor.stop()
