"""bench optin: how many people a second agree on a public page, each followed to the page of their request.

gunicorn, locust and PostgreSQL share the machine. locust is no part of the product: it is found on PATH, or named
by the variable LOCUST.
"""

import csv
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import psutil
from django.conf import settings
from django.urls import reverse

from blu.lab.bench import seeding
from blu.lab.bench.measuring import Figure, children_peak_mb
from blu.lab.bench.scratch import CannotBench
from contacts.models import ConsentWording, OptIn, OptInText, Topic
from sessions.models import WhatsAppSession

ROWS = 6_000
LEAST_A_SECOND = 200
PEOPLE = 32  # at once
LONG = 60.0


def measure(rows: int) -> Iterator[Figure]:
    """People come without pause for as long as `rows` of them would take at the least rate."""
    locust = os.environ.get("LOCUST") or shutil.which("locust")
    if locust is None:
        raise CannotBench("locust is not installed: pip install locust in a place of its own")
    page = _page()
    lasts = max(5, rows // LEAST_A_SECOND)
    out = settings.VAR / "locust"
    with _web() as (url, web):
        before = _cpu(web)
        subprocess.run(
            [
                locust, "-f", "demo/opt_in_load.py", "--headless", "--only-summary", "--host", url,
                "-u", str(PEOPLE), "-r", str(PEOPLE), "-t", f"{lasts}s", "--csv", str(out),
            ],
            cwd=settings.BASE, env=os.environ | {"BLU_OPT_IN_PAGE": page},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        used = {name: seconds - before[name] for name, seconds in _cpu(web).items()}
    told = _told(Path(f"{out}_stats.csv"))
    sent = told["submission"]
    kept = OptIn.objects.count()
    yield Figure(
        bench="optin", rows=int(sent["Request Count"]), unit="submissions per second",
        figure=float(sent["Requests/s"]), floor=None, peak_mb=children_peak_mb(), target=f">= {LEAST_A_SECOND}, no error",
        more={
            "errors": sum(int(row["Failure Count"]) for row in told.values()),
            "kept": kept,
            # What a busy machine doesn't change: two cores have 2,000 ms a second.
            "cpu_ms_each": {name: round(1000 * one / kept, 1) for name, one in used.items()},
            "ms_95": {name: row["95%"] for name, row in told.items()},
        },
    )  # fmt: skip


def _page() -> str:
    """The path of an open page of a business whose account hears."""
    business = seeding.business("Aceite")
    topic = Topic.objects.create(business=business, name="Novidades", description="Uma por mês.")
    session = seeding.session(business, "aceite", transport="inprocess")
    WhatsAppSession.objects.filter(pk=session.pk).update(phone="+5511900074100")
    wording = ConsentWording.objects.create(business=business, text="Aceito receber novidades.")
    OptInText.objects.create(business=business, topic=topic, wording=wording)
    return reverse("optin_page", args=[business.slug, topic.pk])


@contextmanager
def _web() -> Iterator[tuple[str, int]]:
    """The web processes of a node of this size, behind a proxy that isn't there; gives their URL and the first one's id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "blu.wsgi", "--preload", "--bind", f"127.0.0.1:{port}",
        "--workers", str(max(2, os.cpu_count() or 1)), "--threads", "4", "--no-control-socket",
    ]  # fmt: skip
    own = {"BLU_DATABASE_ROLE": "blu_web", "BLU_PROXIES": "1", "ALLOWED_HOSTS": "127.0.0.1"}
    process = subprocess.Popen(
        command, cwd=settings.BASE, env=os.environ | own, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _answers(port)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> None:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        with suppress(OSError):
            HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/static/blu/img/logo.svg")
            return
        time.sleep(0.1)
    raise CannotBench("the web processes did not start")


def _cpu(web: int) -> dict[str, float]:
    """Seconds of a core that the web processes, PostgreSQL and locust have had."""
    first = psutil.Process(web)
    servers = [one for one in psutil.process_iter(["name", "cwd"]) if _is_ours(one)]
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "web": sum(_seconds(one) for one in [first, *first.children(recursive=True)]),
        "postgres": sum(_seconds(one) for one in servers),
        "locust": ended.ru_utime + ended.ru_stime,
    }


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _is_ours(process: psutil.Process) -> bool:
    where = process.info["cwd"] or ""
    return process.info["name"] == "postgres" and where.startswith(str(settings.VAR))


def _told(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return {row["Name"]: row for row in csv.DictReader(lines) if row["Type"]}
