"""bench optin: how many people a second agree on a public page, each followed to the page of their request.

gunicorn, locust and PostgreSQL share the machine. locust is no part of the product: it is found on PATH, or named
by the variable LOCUST.
"""

import csv
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

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
    with _web() as url:
        subprocess.run(
            [
                locust, "-f", "demo/opt_in_load.py", "--headless", "--only-summary", "--host", url,
                "-u", str(PEOPLE), "-r", str(PEOPLE), "-t", f"{lasts}s", "--csv", str(out),
            ],
            cwd=settings.BASE, env=os.environ | {"BLU_OPT_IN_PAGE": page},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    told = _told(Path(f"{out}_stats.csv"))
    sent = told["submission"]
    kept = OptIn.objects.count()
    yield Figure(
        bench="optin", rows=int(sent["Request Count"]), unit="submissions per second",
        figure=float(sent["Requests/s"]), floor=None, peak_mb=children_peak_mb(), target=f">= {LEAST_A_SECOND}, no error",
        more={
            "errors": sum(int(row["Failure Count"]) for row in told.values()),
            "kept": kept,
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
def _web() -> Iterator[str]:
    """The web processes of a node of this size, behind a proxy that isn't there; gives their URL."""
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
        yield f"http://127.0.0.1:{port}"
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


def _told(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return {row["Name"]: row for row in csv.DictReader(lines) if row["Type"]}
