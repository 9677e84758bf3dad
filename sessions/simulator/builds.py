"""A build of the page that nobody has seen yet: some of the names in it are others.

The files are served with the names changed wherever they stand, so that the page goes on working.
"""

from __future__ import annotations

import re
from collections.abc import Collection

SUFFIX = "-v2"
# What a name must look like to be changed safely: two words at least, or it might be a word of the code.
NAME = re.compile(r"[a-z]+(?:[-_][a-z0-9]+)+")


def names(wanted: object) -> frozenset[str]:
    """The names of a call to rename; ValueError for what is none."""
    if not isinstance(wanted, list) or not all(
        isinstance(name, str) and NAME.fullmatch(name) for name in wanted
    ):
        raise ValueError("names must be a list of ids or attributes of two words at least")
    return frozenset(wanted)


def renamed(text: str, changed: Collection[str]) -> str:
    """A file of the page in which every one of the names is another, and no longer name that holds it."""
    if not changed:
        return text
    either = "|".join(re.escape(name) for name in sorted(changed))
    return re.sub(rf"(?<![\w-])(?:{either})(?![\w-])", rf"\g<0>{SUFFIX}", text)
