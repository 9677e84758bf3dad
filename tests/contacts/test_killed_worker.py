"""Real processes, as role blu_web: killed in the middle, or two at once, nobody is doubled or lost."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.models.functions import Now

from blu.accounts.models import Turn
from contacts.imports.reading import open_sheet
from contacts.models import Consent, Contact, Import, Source, State, Subscription
from contacts.services import layouts
from contacts.services.declarations import Declaration, declare
from contacts.services.findings import CHUNK
from tests.eventually import eventually
from tests.factories import make_business, make_topic

pytestmark = pytest.mark.nodes

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 2 * CHUNK + 500
RUN = "import django, sys; django.setup(); from contacts.services.run import run_import; run_import(int(sys.argv[1]))"


@pytest.fixture
def queued(database_env: dict[str, str]) -> Import:
    """An import of PEOPLE people in three chunks, some rows repeated across them, one row bad."""
    business = make_business()
    folder = Path(database_env["BLU_VAR"]) / "uploads"
    folder.mkdir(parents=True)
    path = folder / "lista.csv"
    rows = [f"Ana {n};119{n:08d};sim" for n in range(PEOPLE)]
    rows += ["Ana de novo;11900000000;sim", "Ninguém;12;sim"]
    path.write_text("Nome;Telefone;Aceita receber\n" + "\n".join(rows) + "\n")
    found = Import(business=business, file_name="lista.csv", stored_as="lista.csv", status="queued")
    with open_sheet(path) as sheet:
        layouts.keep(found, sheet, sheet.header())
    declare(found, Declaration(make_topic(business), Source.PAPER, "Autorizo."))
    found.save()
    return found


def worker(found: Import, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    environment = environment | {"BLU_TIME_SCALE": "0.1"}
    return subprocess.Popen([sys.executable, "-c", RUN, str(found.pk)], cwd=ROOT, env=environment)


def assert_all_there_once(found: Import) -> None:
    found.refresh_from_db()
    assert found.status == Import.Status.DONE
    assert (found.imported, found.updated, found.unchanged) == (PEOPLE, 0, 0)
    assert (found.duplicates, found.errors, found.granted) == (1, 1, PEOPLE)
    assert found.problems.count() == 1
    assert Contact.objects.filter(business=found.business).count() == PEOPLE
    assert Contact.objects.get(phone="+5511900000000").name == "Ana de novo"
    assert Subscription.objects.filter(state=State.GRANTED).count() == PEOPLE
    assert Consent.objects.count() == PEOPLE


def test_a_successor_goes_on_where_a_killed_worker_stopped(queued, database_env):
    first = worker(queued, database_env)
    eventually(lambda: Import.objects.get(pk=queued.pk).rows_done >= CHUNK)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    stopped_at = Import.objects.get(pk=queued.pk)
    assert stopped_at.status == Import.Status.RUNNING
    assert Contact.objects.filter(business=queued.business).count() < PEOPLE
    # The dead one has its turn for a moment still.
    eventually(lambda: not Turn.objects.filter(until__gt=Now()).exists())
    assert worker(queued, database_env).wait(timeout=120) == 0
    assert_all_there_once(queued)


def test_two_workers_at_once_do_the_work_of_one(queued, database_env):
    both = [worker(queued, database_env) for _n in range(2)]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert_all_there_once(queued)
