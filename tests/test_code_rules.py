"""The rules of the code that a reader would otherwise have to check by eye."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from django.conf import settings
from importlinter import cli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Path = settings.BASE
PACKAGES = ("blu", "campaigns", "contacts", "sessions")
TOP_LEVEL = {
    ".ci", ".editorconfig", ".gitignore",
    "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "manage.py", "pyproject.toml", "requirements.txt",
    "demo", "docs", "static", "templates", "tests",
    *PACKAGES,
}  # fmt: skip
NAMELESS = {"utils.py", "helpers.py", "common.py", "misc.py", "signals.py"}
# 30 and 300 are meant; a little slack, so that nothing is split for a number's sake.
FUNCTION_LINES = 35
FILE_LINES = 360


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_every_thing_has_its_place() -> None:
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    assert {line.split("/", 1)[0] for line in kept.stdout.splitlines()} <= TOP_LEVEL


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    assert [file for file in _modules() if file.name in NAMELESS] == []


def test_a_function_fits_a_screen() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{function.lineno} {function.name}: {_body_lines(function)} lines"
        for file in _modules()
        for function in _functions(file)
        if _body_lines(function) > FUNCTION_LINES
    ]
    assert long == []


def test_a_file_is_one_subject() -> None:
    lines = {file.relative_to(ROOT): file.read_text().count("\n") for file in _modules()}
    assert {str(file): count for file, count in lines.items() if count > FILE_LINES} == {}


def test_an_update_is_stamped_by_the_clock_of_the_database() -> None:
    """docs/decisions/0046: machines' clocks differ, and stored times are compared with stored times."""
    own_clock = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for file in _modules()
        if "simulator" not in file.parts
        for call in ast.walk(_tree(file))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("update", "move")
        for value in call.keywords
        if ast.unparse(value.value) == "timezone.now()"
    ]
    assert own_clock == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in _modules()
        if file.name not in ("__init__.py", "apps.py") and ast.get_docstring(_tree(file)) is None
    ]
    assert silent == []


CLOCKS = {"monotonic", "perf_counter"}
WAITS = {"sleep", "wait_for_timeout", "getloadavg"}
WAITING = ROOT / "tests" / "eventually.py"


def test_tests_wait_until_something_is_true_and_measure_nothing() -> None:
    """No fixed sleep, no comparison of durations, no limit by the load: see tests/eventually.py."""
    hasty = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / "tests").rglob("*.py"))
        if file != WAITING
        for source in [file.read_text(encoding="utf-8")]
        if any(word in source for word in CLOCKS | WAITS)
        for node in ast.walk(ast.parse(source))
        if _waits_a_while(node) or _measures(node)
    ]
    assert hasty == []


def _waits_a_while(node: ast.AST) -> bool:
    """A sleep, or a look at the load; `sleep(0)` only lets others go on."""
    yields = isinstance(node, ast.Call) and [ast.unparse(each) for each in node.args] == ["0"]
    return _name(node) in WAITS and not yields


def _measures(node: ast.AST) -> bool:
    """Whether a clock is compared with something, or one time taken from another."""
    if isinstance(node, ast.Compare):
        return any(_name(side) in CLOCKS for side in (node.left, *node.comparators))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return _name(node.left) in CLOCKS or _name(node.right) in CLOCKS
    return False


def _name(node: ast.AST) -> str:
    """The name of the function that is called here, or nothing."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_nobody_imports_against_the_layers() -> None:
    assert cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_the_library_of_direct_links_is_imported_in_their_own_folder_only() -> None:
    home = ROOT / "sessions" / "transports" / "direct"
    for file in _modules():
        if "neonize" not in file.read_text(encoding="utf-8"):
            continue
        for node in ast.walk(_tree(file)):
            named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert home in file.parents or not any(name.startswith("neonize") for name in named)


def test_requirements_are_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    asked = [line.split("#")[0].strip() for line in lines if line and not line.startswith("#")]
    assert [line for line in asked if "==" not in line] == []
    names = [line.split("==")[0] for line in asked]
    assert len(set(names)) == len(names)


def test_requirements_are_all_that_they_need() -> None:
    """Nothing comes along by itself. Of neonize only the library and the messages are used."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    asked = [Requirement(line.split("#")[0]) for line in lines if line and not line.startswith("#")]
    names = {canonicalize_name(one.name) for one in asked}
    missing = [
        f"{one.name}: {needed}"
        for one in asked
        for needed in map(Requirement, distribution(one.name).requires or ())
        if any(needed.marker is None or needed.marker.evaluate({"extra": extra}) for extra in ("", *one.extras))
        and canonicalize_name(needed.name) not in names
    ]  # fmt: skip
    assert [one for one in missing if not one.startswith("neonize")] == []
