"""A pytest plugin for CI: a browser or page test that failed is run once more by itself.

    make test ARGS="-p second_run"     with this folder on PYTHONPATH

If all that failed passes then, the run passes and closes with `flaky: NAME` for each. Anything else
that failed fails the run at once, and so do tests of what must hold in every order of events,
whatever they are marked with: there once is a race.
"""

import os
import re
import subprocess
import sys

import pytest

NO_SECOND_RUN = {
    "ledger", "lease", "leases", "consent", "consents", "isolation", "concurrency", "chaos", "security",
}  # fmt: skip
SECONDS = 300
# A test's run of its own starts a PostgreSQL of its own, and is no worker of this one.
OURS = ("BLU_TEST_VAR", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS")


def may_run_again(test: str, *, browser: bool) -> bool:
    """Whether a failed test gets a second run: by its node id, and whether it is of the browser lane."""
    words = set(re.split(r"[^a-z]+", test.lower()))
    return browser and not words & NO_SECOND_RUN


class SecondRun:
    """Remembers what failed; at the very end, after pytest's closing line, runs it again."""

    def __init__(self) -> None:
        self.failed: dict[str, bool] = {}
        self.session: pytest.Session | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that failed, in whatever phase, and whether it is of the browser lane."""
        if report.failed:
            self.failed[report.nodeid] = ("lane", "browser") in map(tuple, report.user_properties)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What can't even be collected is no flaky test."""
        if report.failed:
            self.failed[report.nodeid] = False

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The session has the exit status that is to be judged."""
        self.session = session

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Only a run that came to its end with failed tests is judged again."""
        if self.session is None or self.session.exitstatus != pytest.ExitCode.TESTS_FAILED:
            return
        final = [
            test
            for test, browser in self.failed.items()
            if not may_run_again(test, browser=browser)
        ]
        if final or not self.failed:
            return
        if all(_passes(test) for test in self.failed):
            self.session.exitstatus = pytest.ExitCode.OK
            for test in self.failed:
                print(f"flaky: {test}", flush=True)


def _passes(test: str) -> bool:
    """Run one test by itself; what it says is shown if it fails again."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        print(f"failed twice: {test} did not end within {SECONDS} s", flush=True)
        return False
    if done.returncode:
        print(f"{done.stdout}{done.stderr}\nfailed twice: {test}", flush=True)
    return done.returncode == 0


def pytest_configure(config: pytest.Config) -> None:
    """Only in the process that all workers report to."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SecondRun(), "blu-second-run")
