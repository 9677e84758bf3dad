"""Which process may know which secret: the environment of each holds no other.

`manage.py up` is started with all of them. The owner's URL ends with the process that migrates; each
program gets what it is listed with in blu.ops.supervisor_config; and what a program starts in turn (a browser,
the reader of a spreadsheet) gets none. What /proc shows of a process is what it was started with, so
a secret is taken away before a program begins, not in it.
"""

import os
from collections.abc import Mapping

OWNER = "BLU_OWNER_DATABASE_URL"
JOBS = "BLU_JOBS_DATABASE_URL"
HOSTS = "BLU_HOST_DATABASE_URL"
DEVICES = "BLU_DEVICE_STORE_URL"
ERASURE = "BLU_ERASURE_KEY"
SECRETS = (
    "SECRET_KEY", "BLU_ENCRYPTION_KEYS", ERASURE, "EMAIL_URL", "DATABASE_URL", JOBS, OWNER, HOSTS, DEVICES,
)  # fmt: skip

# What a foreign program needs to run at all, and the marks by which ours find it again.
HARMLESS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "BLU_PROGRAM", "BLU_INSTANCE")

# A variable of a program, and the one of ours that it gets the value of.
Knows = Mapping[str, str]
_KEYS = {name: name for name in ("SECRET_KEY", "BLU_ENCRYPTION_KEYS", ERASURE)}
WEB: Knows = {"DATABASE_URL": "DATABASE_URL", **_KEYS, "EMAIL_URL": "EMAIL_URL"}
VISITS: Knows = {"DATABASE_URL": JOBS, **_KEYS}
HOST: Knows = {"DATABASE_URL": HOSTS, **_KEYS, DEVICES: DEVICES}
WORKERS: Knows = {**VISITS, "EMAIL_URL": "EMAIL_URL"}
NOTHING: Knows = {}


def of_program(ours: Mapping[str, str], knows: Knows) -> dict[str, str]:
    """The environment of one of our programs, made from ours: no secret but those it knows."""
    plain = {name: value for name, value in ours.items() if name not in SECRETS}
    return plain | {name: ours[source] for name, source in knows.items() if source in ours}


def of_stranger(ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that isn't ours, as the browser: what it needs, and nothing else."""
    return {name: ours[name] for name in HARMLESS if name in ours}


def forget() -> None:
    """Keep what this process starts from inheriting any secret; its settings have read them."""
    for name in SECRETS:
        os.environ.pop(name, None)


def written(knows: Knows) -> str:
    """`knows` as one argument of a command line."""
    return ",".join(f"{name}={source}" for name, source in knows.items())


def read(argument: str) -> Knows:
    """What `written` wrote."""
    pairs = (pair.partition("=") for pair in argument.split(",") if pair)
    return {name: source for name, _equals, source in pairs}
