"""What stands under a "não": a wish about receiving, about another thing, or no wish at all."""

from collections.abc import Sequence
from enum import StrEnum

from campaigns.replies.lexicon import Word
from campaigns.replies.objects import Object, Spot, object_at
from campaigns.replies.verbs import Mood
from campaigns.replies.vocabulary import LEAVING, SMALL, Kind

# How far what is negated may stand from its "não", and a verb from the wish for it.
_REACH = 8
_SKIPPED = {
    Kind.FILLER, Kind.POLITE, Kind.MYSELF, Kind.HERE, Kind.VAGUE, Kind.TURN, Kind.HOW, Kind.PAUSE,
}  # fmt: skip


class Finding(StrEnum):
    """What one verb of a sentence says."""

    STOP = "stop"
    UNCLEAR = "unclear"  # a stop, if only we knew of what
    OTHER = "other"  # the same words about another thing
    WANTS = "wants"  # the opposite: messages are welcome
    BACK = "back"


def by_object(
    target: Object,
    *,
    vague: Finding | None = Finding.UNCLEAR,
    none: Finding | None = Finding.UNCLEAR,
    unknown: Finding | None = Finding.UNCLEAR,
) -> Finding | None:
    """The finding for a verb with this object: a stop if it is ours, another thing if it is that."""
    return {
        Object.OURS: Finding.STOP,
        Object.OTHER: Finding.OTHER,
        Object.VAGUE: vague,
        Object.UNKNOWN: unknown,
        Object.NONE: none,
    }[target]


def negated(spot: Spot, *, asked: bool) -> tuple[int, Finding | None]:
    """What the "não" at this place negates, and from where on words are free of it."""
    if not asked and _is_echo(spot):
        # "quero mais receber não": it stands behind what it negates.
        return len(spot.words), _under(Spot((spot.word, *spot.earlier), 0))[1]
    return _under(spot)


def _is_echo(spot: Spot) -> bool:
    """Whether nothing but courtesy follows a "não", and no other stands before it."""
    last = all(word.is_a(Kind.POLITE) for word in spot.words[spot.at + 1 :])
    return last and spot.at > 0 and not any(word.is_a(Kind.NOT) for word in spot.earlier)


def _under(spot: Spot) -> tuple[int, Finding | None]:
    head = _head(spot)
    if head is None:
        return spot.at + 1, None
    for kinds, read in _RULES:
        if head.word.is_a(*kinds):
            return read(head)
    return _not_understood(head)


def _head(spot: Spot) -> Spot | None:
    """The word that is negated: past pronouns, and past "vou", "tenho" before a wish."""
    for at in range(spot.at + 1, min(spot.at + 1 + _REACH, len(spot.words))):
        head = Spot(spot.words, at)
        if head.word.is_a(Kind.OWN) and any(
            word.is_a(Kind.WISH, Kind.ALLOW) for word in head.later[:2]
        ):
            continue
        if head.word.kinds - _SKIPPED or (not head.word.kinds and head.word.text not in SMALL):
            return head
    return None


def _unwished(head: Spot) -> tuple[int, Finding | None]:
    """ "não quero …": what isn't wanted."""
    end = len(head.words)
    for steps, word in enumerate(head.later[:_REACH], start=1):
        verb = head.moved(steps)
        if word.text == "sem":
            return end, Finding.UNCLEAR
        if word.is_a(*LEAVING) and word.text != "para":
            return end, _doubly(verb)
        if word.is_a(Kind.BOTHER) and _is_modest(head, verb):
            return end, Finding.OTHER
        if word.is_a(Kind.RECEIVE, Kind.SEND, Kind.BOTHER, Kind.USE):
            return _not_sent(verb)
        if word.is_a(Kind.CALL) and any(each.text == "que" for each in head.later[:steps]):
            return end, Finding.UNCLEAR
        if word.is_a(Kind.DEED, Kind.OTHER, Kind.MESSAGE, Kind.ME):
            break
    return end, by_object(head.object())


def _is_modest(head: Spot, verb: Spot) -> bool:
    """ "não quero incomodar": the one who doesn't want to bother is the person."""
    between = head.words[head.at + 1 : verb.at + 2]
    return verb.word.text.endswith("r") and not any(word.is_a(Kind.MYSELF) for word in between)


def _disallowed(head: Spot) -> tuple[int, Finding | None]:
    """ "não autorizo …"."""
    return len(head.words), by_object(head.object())


def _unable(head: Spot) -> tuple[int, Finding | None]:
    """ "não consigo sair dessa lista": who tries to leave asks for it; visits are cancelled elsewhere."""
    for steps, word in enumerate(head.later[:4], start=1):
        if not word.is_a(*LEAVING) or word.text == "para":
            continue
        verb, none = head.moved(steps), Finding.STOP
        if word.is_a(Kind.CANCEL):
            none = Finding.OTHER
        elif word.is_a(Kind.LEAVE):
            timed = any(each.is_a(Kind.CLOCK, Kind.DAY) for each in verb.later)
            none = Finding.OTHER if timed else Finding.UNCLEAR
        return len(head.words), by_object(verb.object(), vague=none, none=none, unknown=none)
    return head.at + 1, None


def _not_done(head: Spot) -> tuple[int, Finding | None]:
    """ "não posso parar agora": what the person does or can't, unless it is about what we send."""
    for steps, word in enumerate(head.later[:4], start=1):
        if not word.is_a(Kind.RECEIVE, *LEAVING) or word.text == "para":
            continue
        ours = head.moved(steps).object_after() is Object.OURS and word.mood != Mood.GOING
        if ours and any(each.is_a(Kind.HOW) for each in head.later[: steps - 1]):
            return len(head.words), Finding.STOP  # "não sei como sair da lista"
        return len(head.words), Finding.UNCLEAR if ours else Finding.OTHER
    return head.at + 1, None


def _not_sent(head: Spot) -> tuple[int, Finding | None]:
    """ "não mande …", "não … receber": asked for, unless it tells of what was or of somebody else."""
    word, end = head.word, len(head.words)
    if word.mood not in (Mood.ASK, Mood.GOING, Mood.DONE) or _is_of_them(head):
        return head.at + 1, None
    if word.is_a(Kind.USE):
        return end, None if word.text.endswith("a") else by_object(head.object(), none=None)
    if any(each.is_a(Kind.PAUSE) for each in head.around):
        return end, Finding.UNCLEAR
    return end, by_object(head.object(), vague=Finding.STOP, none=Finding.STOP)


def _is_of_them(head: Spot) -> bool:
    """ "ela não usa": somebody else does or doesn't."""
    return any(word.text in ("ela", "ele", "eles", "elas") for word in head.earlier[-2:-1])


def _not_left(head: Spot) -> tuple[int, Finding | None]:
    """ "não quero sair", "a dor não para": nobody's stop."""
    end = len(head.words)
    if head.word.mood in (Mood.TOLD, Mood.SELF):
        return end, Finding.OTHER
    if head.word.is_a(Kind.CEASE) and head.at > 1:
        subject = object_at(head.words, head.at - 2)
        if subject in (Object.UNKNOWN, Object.OTHER):
            return end, Finding.OTHER
    return end, _doubly(head)


def _doubly(verb: Spot) -> Finding:
    """Stop words under a "não" are nobody's stop; about other things they are a message."""
    return Finding.OTHER if verb.object_after() is Object.OTHER else Finding.UNCLEAR


def _not_called(head: Spot) -> tuple[int, Finding | None]:
    """ "não me ligue mais": calls aren't ours, but somebody wants to be left alone."""
    return head.at + 1, Finding.UNCLEAR if head.word.mood == Mood.ASK else None


def _not_ours(head: Spot) -> tuple[int, Finding | None]:
    """ "não mais mensagem"."""
    more = head.preceding == "mais" and head.word.is_a(Kind.MESSAGE)
    return len(head.words), Finding.STOP if more else Finding.UNCLEAR


def _another(head: Spot) -> tuple[int, Finding | None]:
    """ "não perca a vaga" is about that; "não … mais mensagem" isn't, whatever the verb."""
    return (
        (len(head.words), Finding.UNCLEAR)
        if _no_more_of_ours(head)
        else (head.at + 1, Finding.OTHER)
    )


def _not_understood(head: Spot) -> tuple[int, Finding | None]:
    """ "não quro mais receber": an unknown word between the "não" and what may be asked."""
    if _no_more_of_ours(head):
        return len(head.words), Finding.UNCLEAR
    for steps, word in enumerate(head.later[:3], start=1):
        if word.asks(Kind.RECEIVE, Kind.SEND, Kind.BOTHER):
            other = head.moved(steps).object_after() is Object.OTHER
            return len(head.words), Finding.OTHER if other else Finding.UNCLEAR
    return head.at + 1, None


def _no_more_of_ours(head: Spot) -> bool:
    return head.following == "mais" and any(word.is_a(Kind.MESSAGE) for word in head.later[1:4])


_RULES = (
    ((Kind.WISH,), _unwished),
    ((Kind.ALLOW,), _disallowed),
    ((Kind.ABLE,), _unable),
    ((Kind.OWN,), _not_done),
    ((Kind.SEND, Kind.BOTHER, Kind.RECEIVE, Kind.USE), _not_sent),
    ((*LEAVING, Kind.BACK), _not_left),
    ((Kind.CALL,), _not_called),
    ((Kind.MESSAGE, Kind.ME), _not_ours),
    ((Kind.DEED, Kind.OTHER, Kind.PERSON), _another),
)


def is_without(words: Sequence[Word]) -> bool:
    """Whether none of these words is a "não"."""
    return not any(word.is_a(Kind.NOT) for word in words)
