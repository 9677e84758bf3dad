"""CI's second run: which failed tests get one, and what comes of it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

CI = Path(settings.BASE, ".ci")

_spec = importlib.util.spec_from_file_location("second_run", CI / "second_run.py")
second_run = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(second_run)

LANES = """
    import pytest

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(item):
        lane = "browser" if item.get_closest_marker("browser") else "fast"
        item.user_properties.append(("lane", lane))
        return (yield)
"""
ONCE = """
    import pathlib, pytest
    def fails_once(name):
        file = pathlib.Path(__file__).with_name(name)
        first = not file.exists()
        file.touch()
        assert not first
"""


def test_only_tests_of_the_browser_lane_get_a_second_run() -> None:
    page = "tests/browser/test_modules.py::test_a_part_asks[later]"
    assert second_run.may_run_again(page, browser=True)
    assert not second_run.may_run_again(page, browser=False)


def test_what_must_hold_in_every_order_of_events_gets_none() -> None:
    for test in (
        "tests/campaigns/models/test_ledger_arrows.py::test_a_status",
        "tests/sessions/test_leases.py::test_one_holder",
        "tests/browser/test_contact_pages.py::test_the_consent_of_a_person",
        "tests/test_isolation.py::test_a_foreign_key[x]",
        "tests/concurrency/test_killed_drivers.py::test_one",
        "tests/chaos/test_ledger_check.py::test_ten_kills",
        "tests/security/test_forms.py::test_a_page",
    ):
        assert not second_run.may_run_again(test, browser=True), test


def test_a_word_within_another_is_no_such_subject() -> None:
    assert second_run.may_run_again("tests/browser/test_a.py::test_please_release", browser=True)


def run(folder: Path, tests: str) -> "subprocess.CompletedProcess[str]":
    """A suite of this one file, as CI runs it."""
    code = {"conftest.py": LANES, "test_it.py": ONCE + tests}
    for name, lines in code.items():
        (folder / name).write_text("\n".join(line[4:] for line in lines.splitlines()))
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # No other plugin than is needed: loading those of our own tests takes longer than this suite.
    kept |= {"PYTHONPATH": str(CI), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "second_run", "-n", "1"],
        cwd=folder, env=kept, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.nodes
def test_a_page_that_fails_once_is_named_after_the_closing_line(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
    @pytest.mark.browser
    def test_page():
        fails_once("a")
    def test_other():
        pass
""",
    )
    assert done.returncode == 0, done.stdout
    *_, closing, flaky = done.stdout.splitlines()
    assert "1 failed, 1 passed in " in closing
    assert flaky == "flaky: test_it.py::test_page"


@pytest.mark.nodes
@pytest.mark.parametrize(
    "tests",
    [
        "    @pytest.mark.browser\n    def test_page():\n        assert False",
        "    def test_other():\n        fails_once('a')",
        "    @pytest.mark.browser\n    def test_ledger():\n        fails_once('a')",
        "    @pytest.mark.browser\n    def test_page():\n        fails_once('a')\n"
        "    def test_other():\n        assert False",
        "    raise RuntimeError",
    ],
    ids=["twice", "no page", "ledger", "and another", "not collected"],
)
def test_any_other_failure_fails_the_run(tmp_path: Path, tests: str) -> None:
    done = run(tmp_path, f"\n{tests}\n")
    assert done.returncode != 0, done.stdout
    assert "flaky" not in done.stdout
