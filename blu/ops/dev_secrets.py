"""A trial's generated secrets, and where its embedded database is.

Used where DATABASE_URL is unset. Everything is derived from the data folder (`var/`), so that
any process finds the database without asking the one that runs it.
"""

import base64
import hashlib
import json
import os
import secrets as random
import tempfile
from pathlib import Path
from urllib.parse import quote

FILE_NAME = "trial.json"
ROLES = ("blu_owner", "blu_web", "blu_jobs", "blu_host", "blu_store")
DATABASE_NAME = "blu"

# sun_path of a UNIX socket holds 107 bytes and a NUL. supervisor binds a temporary name beside
# its socket: `supervisor.sock.<pid>`, the longest of ours.
LONGEST_SOCKET = "supervisor.sock.4194304"
SOCKET_LIMIT = 107


class UnusableFolder(SystemExit):
    """The data folder belongs to another user; ends the process with this one line."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder}: {reason}. Run as its owner, or set BLU_VAR to a folder of your own."
        )


def secrets(var: Path) -> dict[str, str]:
    """The secrets of the trial in `var`, made up on the first call and the same ever after.

    Keys: secret_key, encryption_key (Fernet), a password for each of ROLES (owner_password …),
    superuser_password, staff_password. Raises UnusableFolder where the file is another user's.
    """
    file = var / FILE_NAME
    try:
        var.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _create(file, _make_up())
        kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except PermissionError:
        raise UnusableFolder(
            var, f"cannot read or write it as this user ({os.geteuid()})"
        ) from None
    return kept


def database_url(var: Path, role: str, *, database: str = DATABASE_NAME) -> str:
    """The URL of the embedded server in `var` for one of ROLES; it need not be running."""
    if role not in ROLES:
        raise ValueError(f"no role {role!r}: expected one of {', '.join(ROLES)}")
    password = secrets(var)[f"{role.removeprefix('blu_')}_password"]
    host = quote(str(socket_folder(var)), safe="")
    return f"postgresql://{role}:{password}@/{database}?host={host}"


def socket_folder(var: Path) -> Path:
    """Where the embedded server listens. Always the same for one `var`, running or not."""
    return run_folder(var) / "pg"


def run_folder(var: Path) -> Path:
    """The folder of sockets, locks and process ids: in `var`, or a short stand-in where that is too long."""
    inside = var.resolve() / "run"
    if len(os.fsencode(inside / LONGEST_SOCKET)) <= SOCKET_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path("/tmp") / f"blu-{digest}"


def make_run_folder(var: Path) -> Path:
    """Create the run folder where it is missing. Raises UnusableFolder where it is another user's."""
    folder = run_folder(var)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except PermissionError:
        raise UnusableFolder(var, "cannot write to it as this user") from None
    if folder.stat().st_uid != os.geteuid():
        raise UnusableFolder(var, f"{folder} belongs to another user")
    return folder


def _make_up() -> dict[str, str]:
    passwords = [f"{role.removeprefix('blu_')}_password" for role in ROLES]
    names = ("secret_key", *passwords, "superuser_password")
    made = {name: random.token_urlsafe(32) for name in names}
    made["encryption_key"] = base64.urlsafe_b64encode(random.token_bytes(32)).decode()
    made["staff_password"] = random.token_urlsafe(9)
    return made


def _create(file: Path, content: dict[str, str]) -> None:
    """Write the file whole and 0600, or leave the one that another process wrote first."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(content, out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
