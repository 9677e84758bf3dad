"""Answers that a person has to look at: who are you, somebody else's number, a death, a threat, anger."""

import re

from campaigns.replies import doubt_phrases
from campaigns.replies.reasons import Reason

_SIGNS = re.compile(rf"[^\w*{doubt_phrases.FURIOUS}]+")
_ENDS = re.compile(r"[.!?…;:\n()]+|,(?= )")


def _pattern(lines: str) -> re.Pattern[str]:
    """One pattern of whole words for a list of them, a line each; {us} stands for a list's words."""
    lists = {
        name: "(?:" + "|".join(words.split()) + ")" for name, words in doubt_phrases.LISTS.items()
    }
    # No word is longer than 40 letters, so that no text makes a pattern look at all of it from each of its words.
    each = [
        line.strip().format(**lists).replace(r"\S+", r"\w{1,40}")
        for line in lines.strip().split("\n")
    ]
    return re.compile(rf"(?:(?<=\W)|^)(?:{'|'.join(each)})(?:(?=\W)|$)")


_ALWAYS = {reason: _pattern(lines) for reason, lines in doubt_phrases.ALWAYS.items()}
_ELSE = {reason: _pattern(lines) for reason, lines in doubt_phrases.ELSE.items()}
_GLAD, _UNHURT, _REGRET, _SLIP = map(
    _pattern,
    (doubt_phrases.GLAD, doubt_phrases.UNHURT, doubt_phrases.REGRET, doubt_phrases.SLIP),
)
_FURIOUS = re.compile(f"[{doubt_phrases.FURIOUS}]")


def doubt(text: str, *, about_others: bool) -> Reason | None:
    """Why a person should look at this plain text, or None; the gravest reason first.

    Anger, lawyers and relatives count only in a text that isn't about some other thing.
    """
    said = _words(text)
    thoughts = [_UNHURT.sub("", each) for each in (said, *map(_words, _ENDS.split(text)))]
    glad = _GLAD.search(said)
    for patterns in (_ALWAYS,) if about_others else (_ALWAYS, _ELSE):
        for reason, pattern in patterns.items():
            if any(pattern.search(thought) for thought in thoughts) and not (
                glad and patterns is _ELSE
            ):
                return reason
    return Reason.ANGER if _FURIOUS.search(said) and not about_others and not glad else None


def regrets(text: str) -> bool:
    """Returns whether the person takes back what they asked before."""
    return bool(_REGRET.search(_words(text)))


def slipped(text: str) -> bool:
    """Returns whether the person says that a word of theirs was sent by mistake."""
    return bool(_SLIP.search(_words(text)))


def _words(text: str) -> str:
    """The words with one space between them and no signs."""
    return _SIGNS.sub(" ", text).strip()
