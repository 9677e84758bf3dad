"""The processes of a node, and supervisor's configuration for them."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from blu.ops import dev_database, dev_secrets, environment

# A stopping program gets SIGTERM (PostgreSQL SIGINT, which hangs up on everybody) on its main process and this long, then its group SIGKILL.
STOP_SECONDS = 20
WEB_THREADS = 4

JOBS_ROLE, HOST_ROLE = "blu_jobs", "blu_host"

# Started first and stopped last; the programs of one group start and stop together.
GROUPS = ("postgres", "simulator", "work")


@dataclass(frozen=True, kw_only=True)
class Node:
    """What the list of programs depends on."""

    root: Path
    var: Path
    name: str
    host: str
    port: int
    python: str
    embedded_postgres: bool
    simulator_port: int | None
    hosts: int


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program: one line of the table of processes in docs/ARCHITECTURE.md."""

    name: str
    command: tuple[str, ...]
    group: str = "work"
    knows: environment.Knows = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def programs(node: Node) -> list[Program]:
    """Every program that runs on this node, in the order in which the groups start."""
    manage = (node.python, "manage.py")
    found = []
    if node.embedded_postgres:
        server = tuple(dev_database.command(node.var))
        found.append(Program(name="postgres", group="postgres", command=server))
    if node.simulator_port is not None:
        command = (
            node.python, "-m", "sessions.simulator",
            "--port", str(node.simulator_port), "--data", str(node.var / "simulator"),
        )  # fmt: skip
        found.append(Program(name="simulator", group="simulator", command=command))
    found.append(Program(name="web", command=_gunicorn(node), knows=environment.WEB))
    # In a trial the role says which URL it is; elsewhere `knows` gives it.
    role = {"BLU_DATABASE_ROLE": JOBS_ROLE}
    for cluster in ("jobs", f"browser-{node.name}", f"pairing-{node.name}"):
        found.append(
            Program(
                name=cluster,
                command=(*manage, "cluster"),
                knows=environment.WORKERS if cluster == "jobs" else environment.VISITS,
                environment={"Q_CLUSTER_NAME": cluster, **role},
            )
        )
    found += [_host(manage, number) for number in range(1, node.hosts + 1)]
    watch = (*manage, "watch")
    found.append(Program(name="watch", command=watch, knows=environment.VISITS, environment=role))
    return found


def _host(manage: tuple[str, ...], number: int) -> Program:
    """Each is started by itself: the library that it loads does not outlive a fork."""
    return Program(
        name=f"host-{number}",
        command=(*manage, "run_host"),
        knows=environment.HOST,
        environment={"BLU_DATABASE_ROLE": HOST_ROLE},
    )


def log_file(node: Node, name: str) -> Path:
    """Returns the path of a program's log."""
    return node.var / "log" / f"{name}.log"


def configuration(node: Node) -> str:
    """The text of supervisord.conf. Groups start on demand, except the database's."""
    known = programs(node)
    sections = [_supervisord(node)]
    sections += [_section(node, program) for program in known]
    for priority, group in enumerate(GROUPS):
        members = [program.name for program in known if program.group == group]
        if members:
            sections.append(
                f"[group:{group}]\nprograms = {','.join(members)}\npriority = {priority}\n"
            )
    return "\n".join(sections)


def _gunicorn(node: Node) -> tuple[str, ...]:
    return (
        node.python, "-m", "gunicorn", "blu.wsgi",
        "--bind", f"{node.host}:{node.port}",
        # Loaded once, not by each worker; one that died is back at once.
        "--preload",
        "--workers", str(max(2, os.cpu_count() or 1)),
        "--threads", str(WEB_THREADS),
        # Of a request's head; what a body may have is blu.accounts.request_size' matter.
        "--limit-request-line", "4094", "--limit-request-fields", "64",
        "--limit-request-field_size", "8190",
        "--graceful-timeout", str(STOP_SECONDS - 5),
        "--name", f"blu-{node.name}",
        "--no-control-socket",
    )  # fmt: skip


def _supervisord(node: Node) -> str:
    run, log = dev_secrets.run_folder(node.var), node.var / "log"
    return f"""\
[supervisord]
nodaemon = true
silent = true
logfile = {_plain(log / "supervisord.log")}
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = {_plain(run / "supervisord.pid")}
umask = 077
childlogdir = {_plain(log)}

[unix_http_server]
file = {_plain(run / "supervisor.sock")}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""


def _section(node: Node, program: Program) -> str:
    is_server = program.group == "postgres"
    given = {"PYTHONUNBUFFERED": "1", **program.environment}
    pairs = ",".join(f'{name}="{value}"' for name, value in given.items())
    return f"""\
[program:{program.name}]
command = {" ".join(map(_quoted, program.command if is_server else _wrapped(node, program)))}
directory = {_plain(dev_database.data_folder(node.var) if is_server else node.root)}
environment = {pairs}
autostart = {str(is_server).lower()}
autorestart = true
startsecs = 1
startretries = 1000000
stopsignal = {"INT" if is_server else "TERM"}
stopwaitsecs = {STOP_SECONDS}
killasgroup = true
redirect_stderr = true
stdout_logfile = {_plain(_plain(log_file(node, program.name)))}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 1
"""


def _wrapped(node: Node, program: Program) -> tuple[str, ...]:
    """A program's command behind blu.ops.exec_wrapper: only its secrets, its predecessor's leftovers killed."""
    run, known = str(dev_secrets.run_folder(node.var)), environment.written(program.knows)
    wrapper = (node.python, "-m", "blu.ops.exec_wrapper", run, program.name, known)
    return wrapper + program.command


def _quoted(value: str) -> str:
    """As supervisor's shlex reads it back."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return _plain(f'"{escaped}"')


def _plain(value: object) -> str:
    """A per cent sign starts a variable there, unless doubled (in stdout_logfile: twice)."""
    return str(value).replace("%", "%%")
