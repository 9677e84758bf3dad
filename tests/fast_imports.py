"""What a run of thousands of tests needn't pay for again and again: compiling modules, looking for garbage."""

import gc
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
# As many new objects are let lie before the youngest are looked through. Those of modules and of the
# tests themselves are never looked through again.
LET_LIE = 50_000


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """In a fresh clone each of several workers compiles its share of the tests, and finds those of the others."""
    gc.disable()
    worker = getattr(session.config, "workerinput", None)
    if worker is None:
        return
    number = int(worker["workerid"].removeprefix("gw"))
    for name in share(number, worker["workercount"]):
        with suppress(Exception):  # told when it is collected
            import_module(name)


def share(number: int, workers: int) -> list[str]:
    """The modules that a worker compiles for all of them."""
    files = sorted(TESTS.rglob("test_*.py"))[number::workers]
    return [".".join(file.relative_to(TESTS.parent).with_suffix("").parts) for file in files]


def pytest_collection_finish() -> None:
    """What stands now stays until the end; the little garbage among it isn't worth a look at all of it."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(LET_LIE, 20, 50)
