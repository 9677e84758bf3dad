"""A file of a few KB can't take gigabytes: told by the kernel, which gives no more than the limits say."""

import json
import os
import signal
from datetime import date

import pytest
from django.conf import settings

from blu.jobs import isolated_step
from contacts.imports.preview import CHUNK, SHOWN, TOLD_LETTERS, Tally
from contacts.spreadsheets import calamine_reader, header, limits
from contacts.spreadsheets.merging import chunks
from contacts.spreadsheets.reading import open_sheet
from contacts.spreadsheets.refusals import FileRefused, Refusal
from tests.security.bombs import BOMBS, one_string

# Each step is a child.
pytestmark = pytest.mark.nodes
# A fifth of what a worker's step may take: so much is enough for every file below.
WORKER = 96 * 1024 * 1024


def read(path):
    """What a worker's step makes of a file within WORKER: (rows, letters of findings), or the refusal."""
    answer = path.with_suffix(".json")
    isolated_step.run(
        lambda: answer.write_text(json.dumps(_step(path))),
        memory=WORKER,
        seconds=limits.IMPORT_CPU_SECONDS,
    )
    said = json.loads(answer.read_text())
    return said if isinstance(said, str) else tuple(said)


def _step(path):
    try:
        with open_sheet(path) as sheet:
            header = sheet.header()
            tally = Tally(header)
            for chunk in chunks(sheet.rows, header, size=CHUNK, today=date(2026, 11, 26)):
                tally.add(chunk)
    except FileRefused as refused:
        return refused.refusal.name
    return tally.as_dict()["rows"], len(json.dumps(tally.as_dict()))


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_read_in_bounded_memory_or_refused_in_words(connections_stay, kind, tmp_path):
    path = tmp_path / "bomba.xlsx"
    BOMBS[kind](path)
    said = read(path)
    assert said in Refusal.__members__ or (said[0] > 0 and said[1] < 1_000_000)


def test_the_reviews_recipe_is_refused_also_where_its_ratio_is_honest(connections_stay, tmp_path):
    path = tmp_path / "bomba.xlsx"
    one_string(path, 8_000, noise=32)
    assert path.stat().st_size < 1024 * 1024
    assert read(path) == Refusal.BOMB.name


@pytest.mark.parametrize("phone", ["119", "9"])
def test_long_rows_end_a_chunk_whether_they_come_in_or_are_kept(connections_stay, tmp_path, phone):
    path = tmp_path / "longa.xlsx"
    one_string(path, 500, phone=phone, noise=32)
    rows, letters = read(path)
    assert rows == 500
    assert letters < 100_000


def test_findings_stay_small_however_many_columns_tell_of_a_row():
    """Each of 200 columns of phones was kept of each row, 15 MB that every page of imports read."""
    head = header.header_at([["Nome", *(f"Telefone {n}" for n in range(1, 100))] * 2], 1)
    assert len(head.indexes(header.Field.PHONE)) > 150
    tally = Tally(head)
    rows = ((n, ["x" * 400] * 200) for n in range(2, 200))
    for chunk in chunks(rows, head, size=CHUNK, today=date(2026, 11, 26)):
        tally.add(chunk)
    problems = tally.as_dict()["problems"]
    assert len(problems) == SHOWN
    assert all(sum(map(len, one["values"])) <= TOLD_LETTERS for one in problems)
    assert len(json.dumps(problems)) < SHOWN * 3 * TOLD_LETTERS


def test_how_much_the_reader_may_take_grows_with_the_file_up_to_a_limit():
    kb, mb = 1024, 1024**2
    assert calamine_reader.memory_for(114 * kb) < 300 * mb
    assert calamine_reader.memory_for(40 * mb) == limits.READER_MEMORY_BYTES
    assert 1024 * mb > limits.IMPORT_MEMORY_BYTES


@pytest.fixture
def connections_stay(monkeypatch):
    """The child touches no database here, and the test's connection is not the step's."""
    monkeypatch.setattr("blu.jobs.isolated_step.connections.close_all", lambda: None)


def test_a_step_that_takes_too_much_ends_and_its_worker_goes_on(connections_stay):
    with pytest.raises(isolated_step.TooMuch):
        isolated_step.run(lambda: bytearray(400 * 1024**2), memory=64 * 1024**2, seconds=60)
    isolated_step.run(lambda: bytearray(16 * 1024**2), memory=64 * 1024**2, seconds=60)
    assert len(bytearray(400 * 1024**2)) == 400 * 1024**2


@pytest.mark.parametrize("sent", [signal.SIGABRT, signal.SIGSEGV])
def test_a_crash_of_a_step_is_no_crash_of_its_worker(connections_stay, sent):
    def crash():
        signal.signal(sent, signal.SIG_DFL)
        os.kill(os.getpid(), sent)

    with pytest.raises(isolated_step.TooMuch):
        isolated_step.run(crash, memory=64 * 1024**2, seconds=60)


def test_a_step_that_comes_to_no_end_is_ended_and_its_import_refused(connections_stay):
    def spin():
        while True:
            pass

    with pytest.raises(isolated_step.TooMuch):
        isolated_step.run(spin, memory=64 * 1024**2, seconds=1)
    assert int(str(settings.Q_CLUSTER["timeout"])) > limits.IMPORT_CPU_SECONDS


def test_a_line_of_a_million_titles_is_looked_at_as_far_as_it_is_read():
    """A text file of one line is judged by its first columns: all pairs of the others were compared."""
    row = Wide(["Nome", *["contato"] * 130_000])
    header.score(row)
    assert row.looked_at <= 10 * limits.MAX_COLUMNS


class Wide(list):
    """A row that counts what is looked at of it."""

    looked_at = 0

    def __iter__(self):
        self.looked_at += len(self)
        return super().__iter__()


def test_a_step_that_fails_or_is_killed_is_tried_again_as_any_task(connections_stay, caplog):
    with pytest.raises(isolated_step.StepFailed):
        isolated_step.run(lambda: 1 / 0, memory=64 * 1024**2, seconds=60)
    with pytest.raises(isolated_step.StepFailed):
        isolated_step.run(
            lambda: os.kill(os.getpid(), signal.SIGKILL), memory=64 * 1024**2, seconds=60
        )
