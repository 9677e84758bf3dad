"""Which secrets each living process of a node was started with."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
from cryptography.fernet import Fernet

from blu.ops.environment import OWNER, SECRETS
from tests.processes.running_node import Running


def canaries(folder: Path) -> dict[str, str]:
    """A value of its own for every secret that a trial doesn't make itself."""
    return {
        "SECRET_KEY": "canary-secret-key-" + "x" * 50,
        "BLU_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "BLU_ERASURE_KEY": "canary-erasure-key-" + "x" * 40,
        "EMAIL_URL": f"filemail://{folder}/canary-mail",
        OWNER: "postgresql://canary-owner:x@127.0.0.1:1/x",
    }


def secrets_of_the_living(running: Running) -> Iterator[tuple[str, set[str]]]:
    """(program, names of the secrets that it was started with) of every process of the node."""
    main = psutil.Process(running.process.pid)
    for process in (main, *main.children(recursive=True)):
        with contextlib.suppress(psutil.Error, OSError, IndexError):
            held = "\0" + Path(f"/proc/{process.pid}/environ").read_text("utf-8", errors="replace")
            yield _name(process), {name for name in SECRETS if f"\0{name}=" in held}


def _name(process: psutil.Process) -> str:
    """The program it belongs to; foreign ones by their own name."""
    words = process.cmdline()
    for foreign in ("node", "postgres"):
        if Path(words[0].split()[0]).name.startswith(foreign):
            return foreign
    if "chrom" in process.name() or "headless" in process.name():
        return "chromium"
    if "up" in words:
        return "up"
    # What becomes the database still has supervisor's environment, and takes none along.
    if "supervisor.supervisord" in words or words[0] == "setpriv":
        return "supervisord"
    return str(process.environ().get("BLU_PROGRAM", "")).rpartition(":")[2] or " ".join(words)
