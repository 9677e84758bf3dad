"""Looks words up: their kinds and mood, also when they are misspelt, stretched or written together."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.replies import misspellings, off_topic_words, vocabulary
from campaigns.replies.verbs import Mood, forms
from campaigns.replies.vocabulary import Kind

# What is shorter has too many neighbours to be guessed at inside a sentence.
_GUESSED_FROM = 6
# No word of Portuguese is longer; what is longer is looked at no further.
_LONGEST = 40
_GLUED_MOST = 200
_STRETCHED = re.compile(r"([a-z])\1+")
_PLURALS = (
    ("oes", "ao"),
    ("aes", "ao"),
    ("ais", "al"),
    ("eis", "el"),
    ("ns", "m"),
    ("es", ""),
    ("s", ""),
)
FIGURES = str.maketrans("0134578@$", "oieastbas")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was written, and what it is about; `sure` unless its spelling had to be guessed."""

    text: str
    kinds: frozenset[Kind] = frozenset()
    mood: Mood | None = None
    sure: bool = field(default=True, compare=False)

    def is_a(self, *kinds: Kind) -> bool:
        return not self.kinds.isdisjoint(kinds)

    def asks(self, *kinds: Kind) -> bool:
        """Whether it is a verb of these kinds in a form in which something may be asked."""
        return self.is_a(*kinds) and self.mood in (Mood.ASK, Mood.GOING, Mood.DONE)


@lru_cache(maxsize=8192)
def look_up(text: str) -> Word:
    """The word of this text, whose kinds are empty when it says nothing to us."""
    for spelling in _spellings(text):
        if spelling in _LEXICON:
            return _word(text, spelling)
    guess = _guess(text, _NEIGHBOURS) if len(text) >= _GUESSED_FROM - 1 else None
    return _word(text, guess, sure=False) if guess else Word(text)


@lru_cache(maxsize=8192)
def mended(text: str) -> Word:
    """The same, where an unknown word is also taken for a short one of ours that is one slip away."""
    word = look_up(text)
    guess = None if word.kinds else _guess(text, _SHORT_NEIGHBOURS)
    return _word(guess, guess, sure=False) if guess else word


def _word(text: str, spelling: str, *, sure: bool = True) -> Word:
    kinds, mood = _LEXICON[spelling]
    return Word(text, kinds, mood, sure)


def parts(text: str) -> list[str]:
    """The words that were written together ("querosair"), or the text alone when it isn't all words of ours."""
    if not 6 <= len(text) <= _GLUED_MOST or look_up(text).kinds:
        return [text]
    best: dict[int, list[str]] = {0: []}
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 15), end):
            piece = text[start:end]
            if start not in best or not _is_piece(piece):
                continue
            if end not in best or len(best[start]) + 1 < len(best[end]):
                best[end] = [*best[start], piece]
    found = best.get(len(text), [text])
    weighty = all(len(piece) > 3 or piece == "nao" for piece in found) or len(found) > 2
    return found if weighty or look_up(found[0]).is_a(*_FIRST_OF_GLUED) else [text]


_SHORT_PIECES = frozenset(["me", "de", "da", "do", "ja", "eu", "no", "na", "pf"])
_FIRST_OF_GLUED = (Kind.NOT, Kind.LEAVE, Kind.REMOVE, Kind.UNLIST, Kind.CANCEL, Kind.CEASE)


def _is_piece(text: str) -> bool:
    return text in _LEXICON and (len(text) > 2 or text in _SHORT_PIECES)


def near(text: str, word: str) -> bool:
    """Whether one letter less, more, other or exchanged with its neighbour makes one of the other."""
    if abs(len(text) - len(word)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(text, word, strict=False)) if a != b), None)
    if start is None:
        return True
    a, b = text[start:], word[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[1::-1] == b[:2] and a[2:] == b[2:])


def _spellings(text: str) -> Iterator[str]:
    """How a word may be meant: as it stands, singular, without stretched letters, figures read as letters."""
    yield text
    if not text.isalpha():
        text = text.translate(FIGURES)
        yield text
    yield from _singulars(text)
    single = _STRETCHED.sub(r"\1", text)
    if single != text:
        yield _STRETCHED.sub(r"\1\1", text)
        yield single
    for spelling in (single, *_singulars(single)):
        yield spelling
        yield _COLLAPSED.get(spelling, spelling)


def _singulars(text: str) -> Iterator[str]:
    for plural, singular in _PLURALS:
        if len(text) > len(plural) + 2 and text.endswith(plural):
            yield text[: -len(plural)] + singular


def _guess(text: str, neighbours: dict[str, list[str]]) -> str | None:
    """The word of ours that is one slip away from a text that is none."""
    if len(text) > _LONGEST or text in misspellings.THEMSELVES or not text.isalpha():
        return None
    for spelling in (text, *_singulars(text)) if neighbours is _NEIGHBOURS else (text,):
        for shorter in (spelling, *_one_less(spelling)):
            for word in neighbours.get(shorter, ()):
                if near(spelling, word):
                    return word
    return None


def _one_less(text: str) -> Iterator[str]:
    return (text[:i] + text[i + 1 :] for i in range(len(text)))


# A noun that looks like "eu aviso" is the noun.
_NOUNS = (Kind.MESSAGE, Kind.ME, Kind.OTHER, Kind.PERSON, Kind.VAGUE)


def _lexicon() -> dict[str, tuple[frozenset[Kind], Mood | None]]:
    """Every word that is known; of a verb's forms that look alike the asking one counts."""
    kinds: dict[str, set[Kind]] = defaultdict(set)
    moods: dict[str, Mood] = {}
    for kind, form, mood in _verbs():
        kinds[form].add(kind)
        moods.setdefault(form, mood)
    for kind, word in _nouns():
        if kind in _NOUNS and moods.get(word, Mood.ASK) != Mood.ASK:
            del moods[word]
            kinds[word].clear()
        kinds[word].add(kind)
    return {word: (frozenset(each), moods.get(word)) for word, each in kinds.items()}


def _verbs() -> Iterator[tuple[Kind, str, Mood]]:
    """Each form of each verb; first the words that ask as they stand."""
    for kind, words in vocabulary.ASKING.items():
        yield from ((kind, word, Mood.ASK) for word in words.split())
    for kind, infinitives in [*vocabulary.VERBS.items(), (Kind.DEED, off_topic_words.DEEDS)]:
        for infinitive in infinitives.split():
            yield from ((kind, form, mood) for form, mood in forms(infinitive))


def _nouns() -> Iterator[tuple[Kind, str]]:
    """Every other word; of "mensagem" the plural too, in which slips are looked for."""
    things = [
        (Kind.OTHER, off_topic_words.THINGS),
        (Kind.PERSON, off_topic_words.PERSONS),
        (Kind.DEED, off_topic_words.DEED_FORMS),
    ]
    for kind, words in [*vocabulary.WORDS.items(), *things]:
        for word in words.split():
            yield kind, word
            if kind is Kind.MESSAGE and word.endswith("em"):
                yield kind, word[:-1] + "ns"


_LEXICON = _lexicon()


def _collapsed() -> dict[str, str]:
    """The words that have doubled letters, by their spelling without."""
    singles = ((_STRETCHED.sub(r"\1", word), word) for word in _LEXICON)
    return {single: word for single, word in singles if single not in _LEXICON}


def _neighbours(words: Iterable[str]) -> dict[str, list[str]]:
    """The words by themselves and by what is left of them without one letter."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for each in {word, *_one_less(word)}:
            found[each].append(word)
    return found


_COLLAPSED = _collapsed()
_NEIGHBOURS = _neighbours(
    word
    for word in (
        *(
            form
            for verb in misspellings.VERBS.split()
            for form, mood in forms(verb)
            if mood == Mood.ASK
        ),
        *misspellings.WORDS.split(),
    )
    if len(word) >= _GUESSED_FROM or word == "quero"
)
_SHORT_NEIGHBOURS = _neighbours(misspellings.SHORT.split())
