"""What a verb of an answer is about: what we send, or any other thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaigns.replies.lexicon import Word
from campaigns.replies.vocabulary import AFTER_A_LIST, BREAKS, SMALL, TOOLS, Kind

# How far an object may stand from its verb, how far one that we don't know, and how far is looked at all.
_REACH = 8
_NEAR = 4
_FAR = 14


class Object(StrEnum):
    """What a verb is about."""

    OURS = "ours"
    VAGUE = "vague"
    OTHER = "other"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Spot:
    """A word in its place in a sentence. Only so much around it is looked at as a thought has words."""

    words: Sequence[Word]
    at: int

    @property
    def word(self) -> Word:
        return self.words[self.at]

    @property
    def later(self) -> Sequence[Word]:
        return self.words[self.at + 1 : self.at + 1 + _FAR]

    @property
    def earlier(self) -> Sequence[Word]:
        return self.words[max(0, self.at - _FAR) : self.at]

    @property
    def around(self) -> Sequence[Word]:
        return [*self.earlier, self.word, *self.later]

    @property
    def following(self) -> str:
        """The text of the next word, "" at the end."""
        return self.later[0].text if self.later else ""

    @property
    def preceding(self) -> str:
        return self.words[self.at - 1].text if self.at else ""

    def moved(self, steps: int) -> "Spot":
        return Spot(self.words, self.at + steps)

    def object(self) -> Object:
        """The first object after it; where there is none that we know, the nearest in front of it."""
        found = self.object_after()
        if found in (Object.NONE, Object.UNKNOWN):
            in_front = self.object_before()
            return found if in_front is Object.NONE else in_front
        return found

    def object_after(self) -> Object:
        """The first thing after it as far as a verb reaches; one that nobody knows only if no other follows."""
        seen = Object.NONE
        for at in range(self.at + 1, min(self.at + 1 + _REACH, len(self.words))):
            word = self.words[at]
            if word.is_a(Kind.NOT) or word.text in BREAKS:
                break
            found = object_at(self.words, at)
            if found in (Object.OURS, Object.OTHER):
                return found
            if found is Object.UNKNOWN and seen is Object.NONE and at <= self.at + _NEAR:
                seen = found
            if found is Object.VAGUE and seen is Object.NONE:
                seen = found
        return seen

    def object_before(self) -> Object:
        """The thing that stands in front of its verb: "minha consulta quero cancelar"."""
        for at in range(self.at - 1, max(-1, self.at - _REACH), -1):
            found = object_at(self.words, at)
            if found in (Object.OURS, Object.OTHER):
                return found
        return Object.NONE


def object_at(words: Sequence[Word], at: int) -> Object:
    """What one word is as an object."""
    word = words[at]
    before = words[at - 1].text if at else ""
    if word.is_a(Kind.CHANNEL) and before in TOOLS:
        return Object.VAGUE
    if word.is_a(Kind.ME) or word.text in ("envio", "recebimento"):
        return _of_what(words, at)
    if word.is_a(Kind.MESSAGE):
        return Object.OURS
    if word.is_a(Kind.OTHER, Kind.DEED, Kind.PERSON):
        return Object.OTHER
    if word.is_a(Kind.VAGUE, Kind.HERE):
        return Object.VAGUE
    if word.kinds or word.text in SMALL or word.text.isdigit():
        return Object.NONE
    # "uma tatuagem": what is one of many is none of ours.
    return Object.OTHER if before in ("um", "uma") else Object.UNKNOWN


def _of_what(words: Sequence[Word], at: int) -> Object:
    """Whose a list, a name or a number is: ours, or that of another thing ("lista de espera", "número do pedido")."""
    places = [
        place
        for place in range(at + 1, min(at + 5, len(words)))
        if words[place].text not in ("o", "a", "meu", "minha", "os", "as")
    ]
    if len(places) < 2 or words[places[0]].text not in AFTER_A_LIST:
        return Object.OURS
    owner = words[places[1]]
    if owner.is_a(Kind.ME):
        return _of_what(words, places[1])
    if owner.is_a(Kind.OTHER, Kind.DEED, Kind.PERSON):
        return Object.OTHER
    strange = not owner.kinds and owner.text not in SMALL
    return Object.UNKNOWN if strange and words[at].text == "lista" else Object.OURS
