"""What processes take while something is done: CPU, memory of their own, connections to the database."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
from django.db import connection

MB = 1024 * 1024
LOOK_EVERY = 5.0  # seconds: to look takes the machine that is measured

_CONNECTIONS = """
SELECT usename, count(*) FROM pg_stat_activity
 WHERE datname IS NOT NULL AND usename IS NOT NULL AND pid <> pg_backend_pid() GROUP BY 1
"""


@dataclass
class Taken:
    """CPU seconds of each process, and the most connections of each role of the database at once.

    `mb` is what one process had of its own at each look: some collect their garbage in between.
    """

    cpu: dict[str, float] = field(default_factory=dict)
    mb: list[float] = field(default_factory=list)
    connections: dict[str, int] = field(default_factory=dict)
    most_connections: int = 0
    most_threads: int = 0

    def cpu_ms(self, messages: int) -> dict[str, float]:
        """Milliseconds of CPU a message, of each process."""
        each = {name: seconds * 1000 / max(1, messages) for name, seconds in self.cpu.items()}
        return {f"cpu_ms_{name}": round(value, 2) for name, value in each.items()}


@contextmanager
def taken(
    processes: Mapping[str, psutil.Process],
    *,
    threads_of: str = "",
    memory_of: str = "",
    look_every: float = LOOK_EVERY,
) -> Iterator[Taken]:
    """Filled while the block runs; the database's own are told as `database`."""
    database = server()
    watched = Taken()
    before = {name: cpu(process) for name, process in processes.items()}
    before_database = cpu_of_server(database)
    done = threading.Event()
    several = (processes.get(threads_of), processes.get(memory_of))
    watch = threading.Thread(target=_watch, args=(watched, done, look_every, *several))
    watch.start()
    try:
        yield watched
    finally:
        done.set()
        watch.join()
        watched.cpu = {name: cpu(process) - before[name] for name, process in processes.items()}
        watched.cpu["database"] = cpu_of_server(database) - before_database


def _watch(
    watched: Taken,
    done: threading.Event,
    look_every: float,
    process: psutil.Process | None,
    weighed: psutil.Process | None,
) -> None:
    try:
        while not done.wait(look_every):
            with connection.cursor() as cursor:
                cursor.execute(_CONNECTIONS)
                now = dict(cursor.fetchall())
            watched.most_connections = max(watched.most_connections, sum(now.values()))
            for role, number in now.items():
                watched.connections[role] = max(watched.connections.get(role, 0), number)
            if process is not None:
                watched.most_threads = max(watched.most_threads, process.num_threads())
            if weighed is not None:
                watched.mb.append(own_mb(weighed))
    finally:
        connection.close()


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def own_mb(process: psutil.Process) -> float:
    """Memory that would be free without this process, in MB."""
    return float(process.memory_full_info().uss) / MB


def server() -> psutil.Process:
    """The database server behind our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parent = psutil.Process(pid).parent()
    assert parent is not None
    return parent


def cpu_of_server(process: psutil.Process) -> float:
    """The same of a database server, with its connections: those that are, and those that have ended."""
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        try:
            total += cpu(child)
        except psutil.NoSuchProcess:
            continue
    return float(total)
