"""An answer as sentences of words; what was spelt out ("s.a.i.r") is put together again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.replies import phrases
from campaigns.replies.letters import undress
from campaigns.replies.lexicon import Word, look_up, mended, parts
from campaigns.replies.vocabulary import Kind

# Letters one by one: "S A I R", "p-a-r-a-r", "s🙏a🙏i🙏r", with wider gaps between words.
_SPELT = re.compile(r"(?<![a-z0-9])([a-z])\1*(?:[^a-z0-9\n]{1,4}([a-z])\2*(?![a-z0-9])){2,}")
_GAP = re.compile(r"[^a-z]+")
# No word has a letter thrice; laughs have.
_DRAWN_OUT = re.compile(r"([b-gijl-z])\1{2,}|(a)\2{2,}(?!h)")
_PIECE = re.compile(r"[a-z0-9@$]+| [-–—|] |[.!?…;:\n()]+|,")
_COURTESY = "|".join(line.strip() for line in phrases.PLEASE.strip().split("\n"))
_PLEASE = re.compile(rf",?[ \t]{{0,3}}\b(?:{_COURTESY})\b[ \t]{{0,3}},?")


def _fixed() -> Iterator[tuple[re.Pattern[str], str]]:
    """Each phrase with what it is read as; "_" is a space at its end."""
    for line in phrases.FIXED.strip().split("\n"):
        phrase, _, meant = line.partition("→")
        yield re.compile(phrase.strip()), meant.strip().replace("_", " ")


_FIXED = tuple(_fixed())


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one thought, and whether it was asked."""

    words: tuple[Word, ...]
    asked: bool = False

    def has(self, *kinds: Kind) -> bool:
        return any(word.is_a(*kinds) for word in self.words)


def plain(text: str) -> str:
    """The text in plain letters, words written letter by letter put together, fixed phrases in one spelling."""
    text = _SPELT.sub(_together, _DRAWN_OUT.sub(r"\1\2", undress(text)))
    for phrase, meant in _FIXED:
        text = phrase.sub(meant, text)
    return text


def sentences(text: str, *, mend: bool = False) -> list[Sentence]:
    """The sentences of a plain text, cut at its signs and at words that begin another thought.

    With `mend` short words that nobody knows are read as ours where they are one slip away.
    """
    known = mended if mend else look_up
    found: list[Sentence] = []
    words: list[Word] = []
    for piece in _PIECE.findall(_PLEASE.sub(_pause, text)):
        if piece[0].isalnum() or piece[0] in "@$":
            for part in parts(piece):
                word = known(part)
                if words and word.is_a(Kind.TURN):
                    found.append(Sentence(tuple(words)))
                    words = []
                words.append(word)
        elif words:
            found.append(Sentence(tuple(words), asked="?" in piece))
            words = []
    return [*found, Sentence(tuple(words))] if words else found


def _pause(please: re.Match[str]) -> str:
    """What is left of a "por favor": the comma that ends a thought with it, not the two around it."""
    said = please[0].strip()
    return "," if said.endswith(",") and not said.startswith(",") else " "


def _together(spelt: re.Match[str]) -> str:
    """What was spelt out: words where some gaps are wider, one where all are alike and it is one of ours."""
    gaps = _GAP.findall(spelt[0])
    letters = [run[0] for run in _GAP.split(spelt[0])]
    narrow = min(map(len, gaps))
    word = letters[0] + "".join(
        (" " if len(gap) > narrow else "") + letter
        for gap, letter in zip(gaps, letters[1:], strict=True)
    )
    known = " " in word or look_up(word).kinds or len(parts(word)) > 1 or len(word) > 3
    return word if known else spelt[0]
