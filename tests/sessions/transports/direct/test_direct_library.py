"""Which library is loaded: the untouched wheel, or with a simulator a copy that knows no way to WhatsApp."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from sessions.interfaces import LinkLost
from sessions.transports.direct import backend
from sessions.transports.direct.library import WrongLibrary, file_in, installed
from sessions.transports.direct.outcomes import shape_of
from tests.sessions.simulator.multidevice.standard_clients import neonize_package
from tests.simulator_process import SimulatorProcess


@pytest.fixture(autouse=True)
def wheel() -> Path:
    return neonize_package()


def test_the_installed_wheel_is_as_it_came(settings: Settings) -> None:
    settings.SIMULATOR_URL = ""
    assert backend.checks() == []
    assert backend.package() == installed()


def test_a_wheel_that_was_touched_is_said_and_never_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIMULATOR_URL = ""
    changed = file_in(installed()).read_bytes().replace(b"web.whatsapp.com", b"web.elsewhere.ex")
    file_in(tmp_path).write_bytes(changed)
    monkeypatch.setattr(backend, "installed", lambda: tmp_path)
    (problem,) = backend.checks()
    assert problem.id == "sessions.E005"
    with pytest.raises(WrongLibrary, match="not as its wheel brought it"):
        backend.package()


def test_a_machine_without_the_wheel_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Path:
        raise WrongLibrary

    settings.SIMULATOR_URL = ""
    monkeypatch.setattr(backend, "installed", missing)
    assert [one.id for one in backend.checks()] == ["sessions.E005"]


@pytest.mark.nodes
def test_a_simulator_gives_a_copy_that_knows_no_way_to_whatsapp(
    settings: Settings, simulator: SimulatorProcess
) -> None:
    settings.SIMULATOR_URL = simulator.url
    copy = backend.package()
    assert copy == backend.package() != installed()
    assert backend.WHATSAPP not in file_in(copy).read_bytes()


@pytest.mark.nodes
def test_with_a_simulator_no_library_is_loaded_that_knows_whatsapps_address(
    settings: Settings, simulator: SimulatorProcess
) -> None:
    settings.SIMULATOR_URL = simulator.url
    copy = backend.package()
    file_in(copy).write_bytes(file_in(installed()).read_bytes())
    with pytest.raises(WrongLibrary):
        backend.package()
    shutil.rmtree(copy.parent)  # the next one to ask is given another


def test_without_its_simulator_nothing_is_loaded(settings: Settings) -> None:
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    with pytest.raises(LinkLost, match="simulator_away"):
        backend.package()


@pytest.mark.nodes
def test_neonizes_own_python_is_never_imported(wheel: Path) -> None:
    """On import it would load a dozen packages, and may fetch a library from GitHub."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path\n"
            "from sessions.transports.direct.library import Library, installed\n"
            f"Library(Path({str(wheel)!r}))\n"
            "names = {'neonize', 'httpx', 'requests', 'PIL', 'magic'} & set(sys.modules)\n"
            "sys.exit(' '.join(sorted(names)) or 0)",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")


def test_of_an_unknown_error_the_log_has_no_number() -> None:
    shape = shape_of("failed to reach 5511988887777@s.whatsapp.net for +55 11 98888-7777: oh no")
    assert not any(letter.isdigit() for letter in shape)
    assert shape.startswith("failed to reach")
