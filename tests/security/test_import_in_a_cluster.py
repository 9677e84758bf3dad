"""The real jobs cluster reads, writes and exports in children with a limit, and outlives them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from blu.jobs import queue
from contacts.imports import problem_exports
from contacts.models import Contact, Import
from contacts.spreadsheets.refusals import Refusal
from tests.eventually import eventually
from tests.factories import make_business
from tests.security.bombs import one_string

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.nodes
CSV = "Nome;Telefone\nAna;(11) 98765-4321\nDê;12\n"


@pytest.fixture
def cluster(database_env):
    """A jobs cluster on the test's database."""
    environment = os.environ | database_env | {"Q_CLUSTER_NAME": "jobs"}
    process = subprocess.Popen([sys.executable, "manage.py", "cluster"], cwd=ROOT, env=environment)
    yield process
    process.terminate()
    process.wait(timeout=30)


def sent(database_env, name: str, fill) -> Import:
    """An upload where the cluster finds it, and its ring."""
    business = make_business()
    path = Path(database_env["BLU_VAR"]) / "uploads" / "imports" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    fill(path)
    upload = Import.objects.create(
        business=business, file_name=name, stored_as=f"imports/{name}", status="reading"
    )
    queue.enqueue("blu.tasks.run_import", upload.pk)
    return upload


def becomes(upload: Import, status: str) -> None:
    ended = Import.objects.filter(pk=upload.pk, status=status)
    eventually(ended.exists)
    upload.refresh_from_db()


def test_the_cluster_refuses_a_bomb_and_goes_on_with_the_next(cluster, database_env, settings):
    bomb = sent(database_env, "bomba.xlsx", lambda path: one_string(path, 8_000, noise=32))
    becomes(bomb, Import.Status.REFUSED)
    assert bomb.refusal == Refusal.BOMB
    found = sent(database_env, "lista.csv", lambda path: path.write_text(CSV))
    becomes(found, Import.Status.UPLOADED)
    Import.objects.filter(pk=found.pk).update(status=Import.Status.QUEUED)
    queue.enqueue("blu.tasks.run_import", found.pk)
    becomes(found, Import.Status.DONE)
    assert Contact.objects.get().name == "Ana"
    prepared = problem_exports.prepared_for(found)
    assert prepared is not None
    queue.enqueue(prepared.task, *prepared.arguments)
    written = Path(database_env["BLU_VAR"]) / "uploads" / prepared.name
    eventually(written.exists)
    assert cluster.poll() is None
