"""What the verbs of a sentence say of receiving what we send: negated, ended, removed, or wished for.

Each verb that counts is read with the first object after it: a message or the person's own place in our list
makes a stop, anything else that people speak of a message, and what fits neither is held.
"""

import re
from collections.abc import Iterator, Sequence

from campaigns.replies.lexicon import Word
from campaigns.replies.negations import Finding, by_object, is_without, negated
from campaigns.replies.objects import Object, Spot
from campaigns.replies.sentences import Sentence
from campaigns.replies.verbs import Mood
from campaigns.replies.vocabulary import SMALL, Kind

_HOUR = re.compile(r"\d{1,2}h?(?:\d{2}|s|rs?)?")
_ENDED = ("de", "com", "di", "d", "dessa", "dessas", "desse", "desses", "disso")


def findings(sentence: Sentence, *, appointment: bool) -> Iterator[Finding]:
    """What each verb of the sentence says; nothing for a sentence about something else."""
    free_from = 0
    for at, word in enumerate(sentence.words):
        if at < free_from:
            continue
        spot = Spot(sentence.words, at)
        if word.is_a(Kind.NOT):
            free_from, finding = negated(spot, asked=sentence.asked)
        else:
            finding = _refused(spot) or _left(spot, appointment=appointment) or _welcome(spot)
        if finding:
            yield finding


def _refused(spot: Spot) -> Finding | None:
    """ "dispenso", "chega de …", "parem de …", "nada de mensagem"."""
    word = spot.word
    if word.is_a(Kind.REFUSE) or (word.is_a(Kind.ENOUGH) and _is_enough(spot)):
        return by_object(spot.object())
    if _ends(spot):
        return _ended(spot)
    if (
        word.is_a(Kind.CEASE)
        and word.mood == Mood.SELF
        and any(each.is_a(Kind.HOW) for each in spot.earlier)
    ):
        return by_object(spot.object(), vague=Finding.STOP)  # "como paro de receber?"
    if word.text in ("nada", "nenhum", "nenhuma") and is_without(spot.around):
        return _none_of_ours(spot)
    return None


def _is_enough(spot: Spot) -> bool:
    """ "chega de", "sem interesse" refuse; "chega amanhã", "sem dor" don't."""
    return spot.following in (("interesse", "mais") if spot.word.text == "sem" else _ENDED)


def _ends(spot: Spot) -> bool:
    """Whether a word asks to end something; "para" and "deixa" do only before "de" or "com"."""
    word = spot.word
    if not word.is_a(Kind.CEASE) or word.mood not in (Mood.ASK, Mood.GOING):
        return False
    return (
        not word.text.startswith(("para", "deix"))
        or word.text == "parar"
        or spot.following in _ENDED
    )


def _ended(spot: Spot) -> Finding | None:
    """ "parem de mandar", "parar o tratamento"."""
    for steps, word in enumerate(spot.later[:4], start=1):
        if word.is_a(Kind.BOTHER):
            return Finding.STOP
        if word.is_a(Kind.CALL):
            return Finding.UNCLEAR
        if word.is_a(Kind.SEND, Kind.RECEIVE):
            return by_object(spot.moved(steps).object(), vague=Finding.STOP, none=Finding.STOP)
        if word.is_a(Kind.DEED, Kind.OTHER, Kind.MESSAGE, Kind.ME):
            break
    return by_object(spot.object(), vague=Finding.STOP)


def _none_of_ours(spot: Spot) -> Finding | None:
    """ "nada de mensagem", "nenhuma propaganda mais"."""
    if not any(word.is_a(Kind.MESSAGE) for word in spot.later[:2]):
        return None
    if spot.word.text == "nada":
        return Finding.STOP if spot.following == "de" else None
    return Finding.STOP if any(word.text == "mais" for word in spot.later) else Finding.UNCLEAR


def _left(spot: Spot, *, appointment: bool) -> Finding | None:
    """ "me tira da lista", "quero sair", "cancelar …", "descadastrem"."""
    word = spot.word
    if word.is_a(Kind.UNLIST):
        return Finding.STOP if word.mood == Mood.ASK else Finding.UNCLEAR
    if not word.is_a(Kind.REMOVE, Kind.LEAVE, Kind.CANCEL):
        return None
    if word.mood in (Mood.SELF, Mood.TOLD, Mood.HABIT) or word.text == "sai":
        ours = spot.object_after() is Object.OURS
        done = Finding.STOP if word.mood == Mood.SELF else Finding.UNCLEAR
        return (
            done
            if ours
            else Finding.UNCLEAR
            if len(spot.words) == 1 and word.text == "sai"
            else None
        )
    if word.is_a(Kind.REMOVE) and spot.preceding in ("vou", "vamos", "irei"):
        return (
            Finding.OTHER if spot.object() is Object.OTHER else Finding.UNCLEAR
        )  # a threat, no wish
    known = by_object(spot.object(), vague=None, none=None, unknown=None)
    if known or word.mood == Mood.DONE:
        return known or _is_to_be(spot)
    if word.is_a(Kind.CANCEL):
        return _cancelled(spot, appointment=appointment)
    return _went(spot) if word.is_a(Kind.LEAVE) else _removed(spot)


def _is_to_be(spot: Spot) -> Finding | None:
    """ "gostaria de ser removida"."""
    if spot.preceding not in ("ser", "seja", "sejam", "fosse"):
        return None
    return (
        Finding.STOP if any(word.is_a(Kind.WISH) for word in spot.earlier[-4:]) else Finding.UNCLEAR
    )


def _cancelled(spot: Spot, *, appointment: bool) -> Finding:
    """Without an object: a visit where one is spoken of, or a date."""
    dated = any(word.is_a(Kind.DAY, Kind.CLOCK) or word.text[0].isdigit() for word in spot.later)
    return Finding.OTHER if appointment or dated else Finding.UNCLEAR


def _removed(spot: Spot) -> Finding:
    """Without an object: the writer, where that is said ("me exclui", "me tira daqui")."""
    around = spot.words[max(0, spot.at - 2) : spot.at + 3]
    if not any(word.text in ("me", "eu", "nos", "mim") for word in around):
        return Finding.UNCLEAR
    here = any(word.is_a(Kind.HERE) for word in spot.later)
    strong = spot.word.text.startswith(("remov", "exclu", "retir", "delet"))
    return Finding.STOP if here or strong else Finding.UNCLEAR


def _went(spot: Spot) -> Finding | None:
    """ "quero sair daqui" leaves our list; "vou sair às 10", "se sair hoje" a house."""
    here = any(word.is_a(Kind.HERE) for word in spot.later)
    if spot.word.text != "sair" and not here:
        return Finding.UNCLEAR if len(spot.words) == 1 else None
    timed = any(word.is_a(Kind.CLOCK) or _HOUR.fullmatch(word.text) for word in spot.later)
    priced = any(word.text == "quanto" for word in spot.around)
    if timed or priced or spot.preceding in ("se", "quando"):
        return Finding.OTHER
    if any(word.text == "se" for word in spot.earlier[-3:]):
        return Finding.UNCLEAR
    earlier = spot.earlier[-3:]
    wished = any(word.is_a(Kind.WISH, Kind.HOW, Kind.COMPLAINT) for word in earlier)
    strange = any(not word.kinds and word.text not in SMALL for word in spot.later)
    if here or (wished and not strange):
        return Finding.STOP
    own = any(word.is_a(Kind.OWN) for word in earlier)
    return Finding.OTHER if own and spot.later else Finding.UNCLEAR


def _welcome(spot: Spot) -> Finding | None:
    """Whether messages are asked for: "pode mandar", "quero receber", and once more, which is a return."""
    if not is_without(spot.earlier) or _is_refusing(spot):
        return None
    word, target = spot.word, spot.object_after()
    if target is Object.OTHER:
        return None
    if word.is_a(Kind.BACK) and word.mood == Mood.ASK:
        verbs = [each.is_a(Kind.RECEIVE, Kind.SEND, Kind.ME) for each in spot.later[:4]]
        return Finding.BACK if any(verbs) else None
    if word.is_a(Kind.ENROL) and word.mood == Mood.ASK:
        return Finding.BACK if _is_enrolled_again(spot) else None
    if word.is_a(Kind.WISH) and _is_again(spot.later[:2]) and target is Object.OURS:
        return Finding.BACK
    if word.text in ("so", "somente", "apenas") and any(
        each.is_a(Kind.MESSAGE) for each in spot.later
    ):
        return Finding.WANTS if spot.at == 0 else None
    return _wanted(spot, target)


def _is_refusing(spot: Spot) -> bool:
    """Whether something is refused or ended before this word, of which it tells then."""
    start = spot.at - len(spot.earlier)
    return any(
        word.is_a(Kind.REFUSE, Kind.ENOUGH) or _ends(Spot(spot.words, at))
        for at, word in enumerate(spot.earlier, start=start)
    )


def _is_again(words: Sequence[Word]) -> bool:
    return any(word.is_a(Kind.AGAIN) for word in words)


def _is_enrolled_again(spot: Spot) -> bool:
    """ "me coloca de novo na lista", "me reinscreve"."""
    near = [*spot.earlier[-2:], *spot.later[:8]]
    mine = any(word.text in ("me", "eu") or word.is_a(Kind.ME) for word in near)
    return mine and (
        spot.word.text.startswith("re") or _is_again([*spot.earlier[-4:], *spot.later[:8]])
    )


def _wanted(spot: Spot, target: Object) -> Finding | None:
    word = spot.word
    if not word.is_a(Kind.RECEIVE, Kind.SEND) or word.mood not in (Mood.ASK, Mood.GOING):
        return None
    go_on = ("pode", "podem", "continua", "continuem", "continuar", "segue")
    wished = any(each.is_a(Kind.WISH) or each.text in go_on for each in spot.earlier[-4:])
    if wished and _is_again([*spot.earlier[-4:], *spot.later[:8]]):
        if word.is_a(Kind.RECEIVE):
            return Finding.BACK
        if target is Object.OURS:
            return Finding.UNCLEAR
    return Finding.WANTS if wished or (word.is_a(Kind.SEND) and word.mood != Mood.GOING) else None
