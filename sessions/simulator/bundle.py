"""The page's modules as one script, as a browser gets them: one request a boot instead of forty.

Each module stands in a block of its own, in the order in which a browser would run them, and leaves what
it exports in an object that carries its name. Of what JavaScript allows only the page's own way of
writing is understood: a line for each import, and `export` before a declaration that never changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

IMPORT = re.compile(r'^import (?:\* as (\w+)|\{ ([\w, ]+) \}) from "\./(\w+)\.js";$', re.M)
EXPORT = re.compile(r"^export (?=(?:(?:async )?function|const|class) (\w+))", re.M)


def bundled(folder: Path, first: str) -> str:
    """The module `first` with all that it imports, each once. ValueError for what is written otherwise."""
    texts = {name: (folder / f"{name}.js").read_text("utf-8") for name in _order(folder, first)}
    places = {name: place for place, name in enumerate(texts)}
    heads = "".join(f"const ${name} = {{}};\n" for name in texts)
    return heads + "".join(_block(name, text, places) for name, text in texts.items())


def _order(folder: Path, first: str) -> list[str]:
    """What is imported comes before who imports it, unless each imports the other."""
    seen: set[str] = set()

    def walk(name: str) -> Iterator[str]:
        seen.add(name)
        for found in IMPORT.finditer((folder / f"{name}.js").read_text("utf-8")):
            if found[3] not in seen:
                yield from walk(found[3])
        yield name

    return list(walk(first))


def _block(name: str, text: str, places: dict[str, int]) -> str:
    """One module. Of one that runs after it, it can't import single names: they aren't there yet."""

    def imported(found: re.Match[str]) -> str:
        whole, some, other = found.groups()
        if whole:
            return f"const {whole} = ${other};"
        if places[other] > places[name]:
            raise ValueError(f"{name}.js: {found[0]}")
        return f"const {{ {some.replace(' as ', ': ')} }} = ${other};"

    exports = ", ".join(EXPORT.findall(text))
    body = EXPORT.sub("", IMPORT.sub(imported, text))
    if wrong := re.search(r"^(?:import|export)\b.*", body, re.M):
        raise ValueError(f"{name}.js: {wrong[0]}")
    return f"{{\n{body}\nObject.assign(${name}, {{ {exports} }});\n}}\n"
