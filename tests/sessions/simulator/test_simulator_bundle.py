"""The page's modules are one script when a browser gets them."""

from pathlib import Path

import pytest

from sessions.simulator import bundle
from sessions.simulator.page_files import PAGE


def modules(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_every_module_of_the_page_stands_in_it_once() -> None:
    script = bundle.bundled(PAGE, "main")
    for path in PAGE.glob("*.js"):
        assert script.count(f"\nObject.assign(${path.stem}, ") == (path.stem != "line_worker")


def test_what_is_imported_runs_before_who_imports_it(tmp_path: Path) -> None:
    folder = modules(
        tmp_path,
        main='import { two as second } from "./other.js";\nsecond();\n',
        other="export const two = () => 2;\n",
    )
    script = bundle.bundled(folder, "main")
    assert script.index("const two = () => 2;") < script.index("const { two: second } = $other;")
    assert "Object.assign($other, { two });" in script


@pytest.mark.parametrize(
    "line",
    [
        "export let words = 1;",
        "export default 1;",
        'import "./other.js";',
        'import x from "./other.js";',
    ],
)
def test_what_it_does_not_understand_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"^main"):
        bundle.bundled(modules(tmp_path, main=f"{line}\n", other=""), "main")


def test_single_names_of_a_module_that_runs_later_are_refused(tmp_path: Path) -> None:
    folder = modules(
        tmp_path,
        main='import * as one from "./one.js";\n',
        one='import * as other from "./other.js";\nexport const here = 1;\n',
        other='import { here } from "./one.js";\n',
    )
    with pytest.raises(ValueError, match=r"^other"):
        bundle.bundled(folder, "main")
