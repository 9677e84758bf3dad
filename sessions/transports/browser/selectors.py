"""The selectors: data, in ordered candidates, that can be replaced without a release.

`selectors.json` beside this module holds what is known of WhatsApp Web; an override file
(BLU_SELECTORS) of the same shape replaces whole lists of candidates, element by element.

An element's candidate: `css` or `xpath`, with `text` (a regular expression that the node's own
text must match, ignoring case) and `hidden` (true: a node that takes no room counts as well). `from` says
why it is believed: "code" (WhatsApp's own page code of August 2026), "live" (seen on the live page until
October), "told" (older, or hearsay), "ours" (a guess by structure or words, so that it stands last).
A tick's candidate: `name` (of the icon), with `label` (a regular expression on its trimmed
aria-label) and `blue`. A text of the page is one regular expression, for all languages.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("selectors.json")
ELEMENT_KEYS = {"css", "xpath", "text", "hidden", "from"}
EVIDENCE = ("code", "live", "told", "ours")
"""Where a candidate comes from; in this order it is believed."""
TICK_KEYS = {"name", "label", "blue"}

Candidates = dict[str, list[dict[str, Any]]]


class BadSelectors(ValueError):
    """The override file can't be used; the message is one line that says why."""


@dataclass(frozen=True)
class Selectors:
    """All candidates: of elements, of ticks by their name in `interfaces.Tick` or "pending"."""

    elements: Candidates
    ticks: Candidates
    quiet_icons: list[str]
    modules: dict[str, list[str]]
    """Names of the page's own modules, by what they are used for."""
    texts: dict[str, str]
    """Regular expressions of what the page says in its languages, by what it means."""


def load(override: Path | None = None) -> Selectors:
    """The shipped selectors, with the lists of the override file in their place.

    Raises BadSelectors when the override can't be read, names an unknown element or holds an
    unusable candidate.
    """
    shipped = _read(SHIPPED)
    if override is None:
        return _checked(shipped, SHIPPED)
    changed = _read(override)
    for part, lists in changed.items():
        if part not in shipped:
            raise BadSelectors(f"{override}: parte desconhecida: {part}")
        if part == "quiet_icons":
            shipped[part] = lists
            continue
        if not isinstance(lists, dict):
            raise BadSelectors(f"{override}: a JSON object was expected: {part}")
        unknown = set(lists) - set(shipped[part])
        if unknown:
            raise BadSelectors(f"{override}: elemento desconhecido: {', '.join(sorted(unknown))}")
        shipped[part] |= lists
    return _checked(shipped, override)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSelectors(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise BadSelectors(f"{path}: a JSON object was expected")
    return data


def _checked(data: dict[str, Any], path: Path) -> Selectors:
    for part, allowed, needed in (
        ("elements", ELEMENT_KEYS, {"css", "xpath"}),
        ("ticks", TICK_KEYS, {"name", "label"}),
    ):
        for element, candidates in data[part].items():
            if not candidates:
                raise BadSelectors(f"{path}: {element} has no candidates")
            for candidate in candidates:
                _check_candidate(candidate, f"{path}: {element}", allowed, needed)
    for name, pattern in data["texts"].items():
        _check_pattern(pattern, f"{path}: {name}")
    parts = ("elements", "ticks", "quiet_icons", "modules", "texts")
    return Selectors(*(data[part] for part in parts))


def _check_candidate(
    candidate: dict[str, Any], where: str, allowed: set[str], needed: set[str]
) -> None:
    if not isinstance(candidate, dict) or set(candidate) - allowed or not needed & set(candidate):
        raise BadSelectors(f"{where}: not a candidate: {candidate}")
    if candidate.get("from", "ours") not in EVIDENCE:
        raise BadSelectors(f"{where}: from must be one of {', '.join(EVIDENCE)}")
    for key in ("text", "label"):
        _check_pattern(candidate.get(key, ""), where)


def _check_pattern(pattern: str, where: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise BadSelectors(f"{where}: {error}: {pattern}") from error
