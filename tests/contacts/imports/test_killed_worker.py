"""Real processes, as role blu_web: killed in the middle, or two at once, nobody is doubled or lost."""

import signal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from blu.accounts.models import Turn
from contacts.imports import column_mapping, commit, job
from contacts.imports.declarations import Declaration, declare
from contacts.models import Consent, Contact, Import, Source, State, Subscription
from contacts.spreadsheets.reading import open_sheet
from tests.eventually import eventually
from tests.factories import make_business, make_topic
from tests.forked import Fork, Forked, Tell, stall

pytestmark = pytest.mark.nodes

CHUNK = 1_000  # a twentieth of the worker's own
PEOPLE = 2 * CHUNK + 500


@pytest.fixture
def queued(transactional_db: None, forked_var: Path) -> Import:
    """An import of PEOPLE people in three chunks, some rows repeated across them, one row bad."""
    business = make_business()
    folder = forked_var / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lista.csv"
    rows = [f"Ana {n};119{n:08d};sim" for n in range(PEOPLE)]
    rows += ["Ana de novo;11900000000;sim", "Ninguém;12;sim"]
    path.write_text("Nome;Telefone;Aceita receber\n" + "\n".join(rows) + "\n")
    upload = Import(
        business=business, file_name="lista.csv", stored_as="lista.csv", status="queued"
    )
    with open_sheet(path) as sheet:
        column_mapping.keep(upload, sheet, sheet.header())
    declare(upload, Declaration(make_topic(business), Source.PAPER, "Autorizo."))
    upload.save()
    return upload


def work(tell: Tell, found: int, chunk: int = 0) -> None:
    """The whole import, in chunks of CHUNK; stalls with those of its `chunk` written and not committed."""
    job.CHUNK = CHUNK
    advance, calls = commit._advance, count(1)

    def stalling(*values: Any) -> None:
        if next(calls) == chunk:
            stall(tell, "written")
        advance(*values)

    commit._advance = stalling  # type: ignore[assignment]
    job.run_import(found)


def worker(fork: Fork, upload: Import, *more: int) -> Forked:
    return fork(work, upload.pk, *more, TIME_SCALE=0.1)


def assert_all_there_once(upload: Import) -> None:
    upload.refresh_from_db()
    assert upload.status == Import.Status.DONE
    assert (upload.imported, upload.updated, upload.unchanged) == (PEOPLE, 0, 0)
    assert (upload.duplicates, upload.errors, upload.granted) == (1, 1, PEOPLE)
    assert upload.problems.count() == 1
    assert Contact.objects.filter(business=upload.business).count() == PEOPLE
    assert Contact.objects.get(phone="+5511900000000").name == "Ana de novo"
    assert Subscription.objects.filter(state=State.GRANTED).count() == PEOPLE
    assert Consent.objects.count() == PEOPLE


def test_a_successor_goes_on_where_a_killed_worker_stopped(queued: Import, fork: Fork) -> None:
    first = worker(fork, queued, 2)
    first.stalls_at("written")
    assert Import.objects.get(pk=queued.pk).rows_done >= CHUNK
    first.send(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    stopped_at = Import.objects.get(pk=queued.pk)
    assert stopped_at.status == Import.Status.RUNNING
    assert Contact.objects.filter(business=queued.business).count() < PEOPLE
    # The dead one has its turn for a moment still.
    eventually(lambda: not Turn.objects.filter(until__gt=Now()).exists())
    assert worker(fork, queued).wait() == 0
    assert_all_there_once(queued)


def test_two_workers_at_once_do_the_work_of_one(queued: Import, fork: Fork) -> None:
    both = [worker(fork, queued) for _n in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert_all_there_once(queued)
