"""Wishes within sentences: what is negated, ended or removed, and whether it is about what we send.

Each verb that counts is read with the first object after it: a message or the person's own place in our list
makes a stop, anything else that people speak of a message, and what fits neither is held.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from campaigns.replies.lexicon import Word
from campaigns.replies.sentences import Sentence
from campaigns.replies.vocabulary import Kind
from campaigns.replies.verbs import Mood


class Finding(StrEnum):
    """What one verb of a sentence says."""

    STOP = "stop"
    UNCLEAR = "unclear"  # a stop, if only we knew of what
    OTHER = "other"  # the same words about another thing
    WANTS = "wants"  # the opposite: messages are welcome
    BACK = "back"


class Object(StrEnum):
    """What a verb is about."""

    OURS = "ours"
    VAGUE = "vague"
    OTHER = "other"
    UNKNOWN = "unknown"
    NONE = "none"


# How far an object may stand from its verb, and a verb from its "não".
_REACH = 8
# How far a word that we don't know may be its object.
_NEAR = 4
_HOUR = re.compile(r"\d{1,2}h?(?:\d{2}|s|rs?)?")
# With these another thought begins.
_BREAKS = frozenset("eu ta viu obrigado obrigada obg brigada brigado tchau hein".split())
_TOOLS = ("por", "pelo", "pela", "no", "na", "em", "via", "neste", "nesse", "desse")
_OF = ("de", "do", "da", "dos", "das", "para", "pra", "pro", "no", "na", "dele", "dela")
_SMALL = frozenset(
    """a o as os ao um uma e de do da dos das em no na nos nas por pelo pela pelos pelas pra para pro com que se eu me mim te
    lhe lhes nenhum nenhuma nenhuns mais nem mesmo tipo este esta estas estes esse essa esses essas dessa desse dessas
    desses deste desta destes destas aquela aquele meu minha meus minhas seu sua seus suas nosso nossa voces vcs voce vc
    ce ces ele ela eles elas aqui ai la dai daqui ja agora sim nao ta viu tao tanta tanto tantas tantos qualquer outro outra
    toda todo todas todos tal pelo via ser sejam seja estar ficar ficando ter por_favor logo ate so urgente favor q tempo
    to the any your more my me from please of""".split()
)


def findings(sentence: Sentence, *, appointment: bool) -> Iterator[Finding]:
    """What each verb of the sentence says of receiving; nothing for a sentence about something else."""
    words = sentence.words
    negated_to = -1
    for at, word in enumerate(words):
        if at < negated_to:
            continue
        if word.is_a(Kind.NOT):
            echoes = not sentence.asked and at > 0 and _is_last(words, at) and not any(each.is_a(Kind.NOT) for each in words[:at])
            negated_to, finding = (len(words), _echoed(words, at)) if echoes else _negated(words, at)
        else:
            finding = _plain(words, at, appointment=appointment)
        if finding:
            yield finding


def _is_last(words: Sequence[Word], at: int) -> bool:
    """Whether nothing but courtesy follows a "não"."""
    return all(word.is_a(Kind.POLITE) for word in words[at + 1 :])


def _echoed(words: Sequence[Word], at: int) -> Finding | None:
    """ "quero mais receber não": a "não" that stands behind what it negates."""
    _, found = _negated((words[at], *words[:at]), 0)
    return found


def _negated(words: Sequence[Word], at: int) -> tuple[int, Finding | None]:
    """What is negated after the "não" at `at`, and where its reach ends."""
    head = _head(words, at + 1)
    if head is None:
        return at + 1, None
    word, after = words[head], head + 1
    if word.is_a(Kind.WISH):
        return _unwished(words, head)
    if word.is_a(Kind.ALLOW):
        return len(words), _by_object(words, after, vague=Finding.UNCLEAR, none=Finding.UNCLEAR)
    if word.is_a(Kind.ABLE):
        return _unable(words, after)
    if word.is_a(Kind.OWN):
        return _not_done(words, after)
    if at and words[at - 1].text in ("ela", "ele", "eles", "elas"):
        return head + 1, None
    if word.is_a(Kind.SEND, Kind.BOTHER, Kind.RECEIVE, Kind.USE):
        return _not_sent(words, head)
    if word.is_a(Kind.CEASE, Kind.REMOVE, Kind.UNLIST, Kind.LEAVE, Kind.CANCEL, Kind.BACK):
        own = word.mood in (Mood.TOLD, Mood.SELF)
        if word.is_a(Kind.CEASE) and at and _object_at(words, at - 1) in (Object.UNKNOWN, Object.OTHER):
            own = True  # "a dor não para"
        return len(words), Finding.OTHER if own else _doubly(words, after)
    if word.is_a(Kind.CALL):
        return head + 1, Finding.UNCLEAR if word.mood == Mood.ASK else None
    if word.is_a(Kind.MESSAGE, Kind.ME):
        return len(words), Finding.STOP if _next(words, at) == "mais" else Finding.UNCLEAR
    if _no_more_of_ours(words, head):
        return len(words), Finding.UNCLEAR
    if word.is_a(Kind.DEED, Kind.OTHER, Kind.PERSON):
        return head + 1, Finding.OTHER
    return _not_understood(words, head)


def _no_more_of_ours(words: Sequence[Word], head: int) -> bool:
    """ "não … mais mensagem", whatever the verb."""
    return _next(words, head) == "mais" and any(word.is_a(Kind.MESSAGE) for word in words[head + 2 : head + 5])


def _not_understood(words: Sequence[Word], head: int) -> tuple[int, Finding | None]:
    """ "não quro mais receber": an unknown word between the "não" and what may be asked."""
    for at in range(head + 1, min(head + 4, len(words))):
        if words[at].asks(Kind.RECEIVE, Kind.SEND, Kind.BOTHER):
            other = _object(words, at + 1) is Object.OTHER
            return len(words), Finding.OTHER if other else Finding.UNCLEAR
    return head + 1, None


def _head(words: Sequence[Word], start: int) -> int | None:
    """Where the word stands that is negated: past pronouns, and past "vou", "tenho" before a wish."""
    for at in range(start, min(start + _REACH, len(words))):
        word = words[at]
        if word.is_a(Kind.OWN) and any(each.is_a(Kind.WISH, Kind.ALLOW) for each in words[at + 1 : at + 3]):
            continue
        if word.kinds - {Kind.FILLER, Kind.POLITE, Kind.MYSELF, Kind.HERE, Kind.VAGUE, Kind.TURN, Kind.HOW, Kind.PAUSE}:
            return at
        if word.text not in _SMALL and not word.kinds:
            return at
    return None


def _unwished(words: Sequence[Word], head: int) -> tuple[int, Finding | None]:
    """ "não quero …": what isn't wanted."""
    after = head + 1
    for at in range(after, min(after + _REACH, len(words))):
        word = words[at]
        if word.is_a(Kind.CEASE, Kind.REMOVE, Kind.UNLIST, Kind.LEAVE, Kind.CANCEL) and word.text != "para":
            return len(words), _doubly(words, at + 1)
        if word.text == "sem":
            return len(words), Finding.UNCLEAR
        if word.is_a(Kind.BOTHER) and word.text.endswith("r") and not any(each.is_a(Kind.MYSELF) for each in words[after : at + 2]):
            return len(words), Finding.OTHER
        if word.is_a(Kind.RECEIVE, Kind.SEND, Kind.BOTHER, Kind.USE):
            return _not_sent(words, at)
        if word.is_a(Kind.CALL) and any(each.text == "que" for each in words[after:at]):
            return len(words), Finding.UNCLEAR
        if word.is_a(Kind.DEED, Kind.OTHER, Kind.MESSAGE, Kind.ME):
            break
    found = _by_object(words, after, vague=Finding.UNCLEAR, none=Finding.UNCLEAR)
    return len(words), found


def _unable(words: Sequence[Word], after: int) -> tuple[int, Finding | None]:
    """ "não consigo sair": who tries to leave asks for it."""
    for at in range(after, min(after + 4, len(words))):
        word = words[at]
        if word.is_a(Kind.UNLIST, Kind.LEAVE, Kind.REMOVE, Kind.CANCEL, Kind.CEASE) and word.text != "para":
            none = Finding.OTHER if word.is_a(Kind.CANCEL) else Finding.UNCLEAR if word.is_a(Kind.LEAVE) else Finding.STOP
            if word.is_a(Kind.LEAVE) and any(each.is_a(Kind.CLOCK, Kind.DAY) for each in words[at + 1 :]):
                none = Finding.OTHER
            return len(words), _by_object(words, at + 1, vague=none, none=none, unknown=none)
    return after, None


def _not_done(words: Sequence[Word], after: int) -> tuple[int, Finding | None]:
    """ "não posso parar agora": what the person does or can't, unless it is about our messages."""
    for at in range(after, min(after + 4, len(words))):
        word = words[at]
        if word.is_a(Kind.RECEIVE, Kind.LEAVE, Kind.REMOVE, Kind.CANCEL, Kind.CEASE, Kind.UNLIST) and word.text != "para":
            ours = _object(words, at + 1) is Object.OURS and word.mood != Mood.GOING
            if ours and any(each.is_a(Kind.HOW) for each in words[after:at]):
                return len(words), Finding.STOP
            return len(words), Finding.UNCLEAR if ours else Finding.OTHER
    return after, None


def _not_sent(words: Sequence[Word], head: int) -> tuple[int, Finding | None]:
    """ "não mande …", "não … receber": asked for unless it tells of what was or wasn't."""
    word = words[head]
    wished = word.mood in (Mood.ASK, Mood.GOING, Mood.DONE)
    if word.is_a(Kind.USE):
        wished = wished and not word.text.endswith("a")
        return len(words), _by_object(words, head + 1, vague=Finding.UNCLEAR, none=None) if wished else None
    if not wished:
        return head + 1, None
    if _paused(words):
        return len(words), Finding.UNCLEAR
    return len(words), _by_object(words, head + 1, vague=Finding.STOP, none=Finding.STOP)


def _paused(words: Sequence[Word]) -> bool:
    """Whether only some hours are meant: "à noite", "por enquanto"."""
    return any(word.is_a(Kind.PAUSE) for word in words)


def _doubly(words: Sequence[Word], after: int) -> Finding:
    """ "não quero sair": stop words that are negated are nobody's stop; about other things they are a message."""
    return Finding.OTHER if _object(words, after) is Object.OTHER else Finding.UNCLEAR


def _plain(words: Sequence[Word], at: int, *, appointment: bool) -> Finding | None:
    """What a verb that isn't negated says."""
    word = words[at]
    if word.is_a(Kind.REFUSE) or (word.is_a(Kind.ENOUGH) and _enough(word, _next(words, at))):
        return _by_object(words, at + 1, vague=Finding.UNCLEAR, none=Finding.UNCLEAR)
    if word.asks(Kind.CEASE):
        return _ceased(words, at)
    if word.is_a(Kind.UNLIST):
        return Finding.STOP if word.mood == Mood.ASK else Finding.UNCLEAR
    if _is_none_of_ours(words, at):
        return Finding.STOP if word.text == "nada" or any(each.text == "mais" for each in words) else Finding.UNCLEAR
    if word.is_a(Kind.CEASE) and word.mood == Mood.SELF and any(each.is_a(Kind.HOW) for each in words[:at]):
        return _by_object(words, at + 1, vague=Finding.STOP, none=Finding.UNCLEAR)
    if word.asks(Kind.REMOVE, Kind.LEAVE, Kind.CANCEL):
        return _removed(words, at, appointment=appointment)
    if word.is_a(Kind.REMOVE, Kind.LEAVE, Kind.CANCEL) and word.mood == Mood.SELF:
        return Finding.STOP if _object(words, at + 1) is Object.OURS else None
    if word.is_a(Kind.REMOVE, Kind.LEAVE, Kind.CANCEL) and word.mood == Mood.TOLD:
        return Finding.UNCLEAR if _object(words, at + 1) is Object.OURS else None
    return _welcome(words, at)


def _is_none_of_ours(words: Sequence[Word], at: int) -> bool:
    """ "nada de mensagem", "nenhuma propaganda" without a "não"."""
    if words[at].text not in ("nada", "nenhum", "nenhuma") or any(each.is_a(Kind.NOT) for each in words):
        return False
    following = words[at + 1 : at + 3]
    return any(each.is_a(Kind.MESSAGE) for each in following) and (words[at].text != "nada" or following[0].text == "de")


def _enough(word: Word, following: str) -> bool:
    """ "chega de", "sem interesse" refuse; "chega amanhã", "sem dor" don't."""
    if word.text == "nada":
        return False
    return following in (("interesse", "mais") if word.text == "sem" else ("de", "com"))


def _next(words: Sequence[Word], at: int) -> str:
    return words[at + 1].text if at + 1 < len(words) else ""


def _ends(words: Sequence[Word], at: int) -> bool:
    """Whether a word asks to end something; "para" and "deixa" do only before "de" or "com"."""
    word = words[at]
    if not word.is_a(Kind.CEASE) or word.mood not in (Mood.ASK, Mood.GOING):
        return False
    return not word.text.startswith(("para", "deix")) or word.text == "parar" or _next(words, at) in ("de", "com", "di", "d")


def _ceased(words: Sequence[Word], at: int) -> Finding | None:
    """ "parem de …", "chega de …"; "para" and "deixa" count only before "de" or "com"."""
    if not _ends(words, at):
        return None
    for verb in words[at + 1 : at + 5]:
        if verb.is_a(Kind.BOTHER):
            return Finding.STOP
        if verb.is_a(Kind.CALL):
            return Finding.UNCLEAR
        if verb.is_a(Kind.SEND, Kind.RECEIVE):
            return _by_object(words, at + 2, vague=Finding.STOP, none=Finding.STOP)
        if verb.is_a(Kind.DEED, Kind.OTHER, Kind.MESSAGE, Kind.ME):
            break
    return _by_object(words, at + 1, vague=Finding.STOP, none=Finding.UNCLEAR)


def _removed(words: Sequence[Word], at: int, *, appointment: bool) -> Finding | None:
    """ "me tira da lista", "quero sair", "cancelar …"."""
    word = words[at]
    target = _object(words, at + 1)
    if word.text == "sai" and target is Object.OURS:
        return Finding.UNCLEAR  # "saí da lista" as well
    if target in (Object.NONE, Object.UNKNOWN):
        before = _object_before(words, at)
        target = before if before is not Object.NONE else target
    if target is Object.OURS:
        return Finding.STOP
    if target is Object.OTHER:
        return Finding.OTHER
    if word.mood == Mood.DONE:
        return None
    if word.is_a(Kind.CANCEL):
        return _cancelled(words, at, appointment=appointment)
    here = any(each.is_a(Kind.HERE) for each in words[at + 1 :])
    if word.is_a(Kind.LEAVE):
        return _left(words, at, here=here)
    myself = any(each.text in ("me", "eu", "nos", "mim") for each in words[max(0, at - 2) : at + 3])
    strong = myself and (here or word.text.startswith(("remov", "exclu", "retir", "delet")))
    return Finding.STOP if strong else Finding.UNCLEAR


def _cancelled(words: Sequence[Word], at: int, *, appointment: bool) -> Finding:
    dated = any(word.is_a(Kind.DAY, Kind.CLOCK) or word.text[0].isdigit() for word in words[at + 1 :])
    return Finding.OTHER if appointment or dated else Finding.UNCLEAR


def _left(words: Sequence[Word], at: int, *, here: bool) -> Finding | None:
    """ "quero sair daqui"; "vou sair às 10", "posso sair mais cedo" go out of a door."""
    later = words[at + 1 :]
    earlier = words[max(0, at - 3) : at]
    if any(word.is_a(Kind.CLOCK) or _HOUR.fullmatch(word.text) for word in later) or (at and words[at - 1].text in ("se", "quando")):
        return Finding.OTHER
    wished = any(word.is_a(Kind.WISH, Kind.HOW, Kind.COMPLAINT) for word in earlier)
    if words[at].text != "sair" and not here:
        return Finding.UNCLEAR if len(words) == 1 else None
    if here or (wished and not any(not word.kinds and word.text not in _SMALL for word in later)):
        return Finding.STOP
    if any(word.is_a(Kind.OWN) for word in earlier) and later:
        return Finding.OTHER
    return Finding.UNCLEAR


def _welcome(words: Sequence[Word], at: int) -> Finding | None:
    """Whether messages are asked for: "pode mandar", "quero receber" — and for the second time, which is a return."""
    word = words[at]
    if any(each.is_a(Kind.NOT, Kind.REFUSE, Kind.ENOUGH) or _ends(words, place) for place, each in enumerate(words[:at])):
        return None
    again = any(each.is_a(Kind.AGAIN) for each in words[max(0, at - 4) : at + _REACH])
    if word.is_a(Kind.BACK) and word.mood == Mood.ASK:
        verb = next((each for each in words[at + 1 : at + 5] if each.is_a(Kind.RECEIVE, Kind.SEND, Kind.ME)), None)
        return Finding.BACK if verb and _object(words, at + 1) is not Object.OTHER else None
    if word.is_a(Kind.ENROL) and word.mood == Mood.ASK:
        mine = any(each.text in ("me", "eu") or each.is_a(Kind.ME) for each in words[max(0, at - 2) : at + _REACH])
        again = again or word.text.startswith("re")
        return Finding.BACK if again and mine and _object(words, at + 1) is not Object.OTHER else None
    if word.is_a(Kind.WISH) and any(each.is_a(Kind.AGAIN) for each in words[at + 1 : at + 3]) and _object(words, at + 1) is Object.OURS:
        return Finding.BACK
    if at == 0 and word.text in ("so", "somente", "apenas") and any(each.is_a(Kind.MESSAGE) for each in words):
        return Finding.WANTS
    if word.is_a(Kind.RECEIVE, Kind.SEND) and word.mood in (Mood.ASK, Mood.GOING):
        wanted = any(each.is_a(Kind.WISH) or each.text in ("pode", "podem", "continua", "continuem", "continuar", "segue") for each in words[max(0, at - 4) : at])
        target = _object(words, at + 1)
        if target is Object.OTHER:
            return None
        if again and wanted and word.is_a(Kind.RECEIVE):
            return Finding.BACK
        if again and wanted and target is Object.OURS:
            return Finding.UNCLEAR
        return Finding.WANTS if wanted or (word.is_a(Kind.SEND) and word.mood != Mood.GOING) else None
    return None


def _by_object(
    words: Sequence[Word], start: int, *, vague: Finding | None, none: Finding | None, unknown: Finding = Finding.UNCLEAR
) -> Finding | None:
    """The finding for what stands at `start` and after."""
    target = _object(words, start)
    if target in (Object.NONE, Object.UNKNOWN):
        before = _object_before(words, start - 1)
        target = before if before is not Object.NONE else target
    return {
        Object.OURS: Finding.STOP,
        Object.OTHER: Finding.OTHER,
        Object.VAGUE: vague,
        Object.UNKNOWN: unknown,
        Object.NONE: none,
    }[target]


def _object(words: Sequence[Word], start: int) -> Object:
    """The first object from `start` on, as far as a verb reaches."""
    seen = Object.NONE
    for at in range(start, min(start + _REACH, len(words))):
        word = words[at]
        if word.is_a(Kind.NOT) or word.text in _BREAKS:
            break
        found = _object_at(words, at)
        if found in (Object.OURS, Object.OTHER):
            return found
        if found is Object.UNKNOWN and seen is not Object.VAGUE and at < start + _NEAR:
            seen = found
        if found is Object.VAGUE and seen is Object.NONE:
            seen = found
    return seen


def _object_before(words: Sequence[Word], at: int) -> Object:
    """The object that stands in front of its verb: "minha consulta quero cancelar"."""
    for place in range(at - 1, max(-1, at - _REACH), -1):
        found = _object_at(words, place)
        if found in (Object.OURS, Object.OTHER):
            return found
    return Object.NONE


def _object_at(words: Sequence[Word], at: int) -> Object:
    word = words[at]
    if word.is_a(Kind.CHANNEL) and at and words[at - 1].text in _TOOLS:
        return Object.VAGUE
    if word.is_a(Kind.ME) or word.text in ("envio", "recebimento"):
        return Object.OTHER if _of_others(words, at) else Object.OURS
    if word.is_a(Kind.MESSAGE):
        return Object.OURS
    if word.is_a(Kind.OTHER, Kind.DEED, Kind.PERSON):
        return Object.OTHER
    if word.is_a(Kind.VAGUE, Kind.HERE):
        return Object.VAGUE
    if word.kinds or word.text in _SMALL or word.text.isdigit():
        return Object.NONE
    # "uma tatuagem": what is one of many is none of ours.
    return Object.OTHER if at and words[at - 1].text in ("um", "uma") else Object.UNKNOWN


def _of_others(words: Sequence[Word], at: int) -> bool:
    """Whether a list or number is that of another thing: "lista de espera", "número do pedido"."""
    after = [word for word in words[at + 1 : at + 5] if word.text not in ("o", "a", "meu", "minha", "os", "as")]
    return len(after) > 1 and after[0].text in _OF and after[1].is_a(Kind.OTHER, Kind.DEED, Kind.PERSON) and not after[1].is_a(Kind.ME)
