"""A stop or return word that stands alone, once courtesy is taken off."""

import re
from collections.abc import Sequence

from campaigns.replies.lexicon import Word, near
from campaigns.replies.reasons import Answer, Reading, Reason
from campaigns.replies.sentences import Sentence
from campaigns.replies.verbs import Mood
from campaigns.replies.vocabulary import Kind

_LEAVING = frozenset(
    [
        "sair",
        "stop",
        "descadastrar",
        "descadastro",
        "descadastramento",
        "descadastre",
        "descadastra",
        "descadastrem",
        "remover",
        "remova",
        "remove",
        "removam",
        "desinscrever",
        "desinscreva",
        "desinscricao",
        "unsubscribe",
        "end",
        "quit",
    ]
)
_ENDING = frozenset(
    ["parar", "pare", "parem", "cancelar", "cancele", "cancela", "cancelem", "cancel"]
)
STOPS = _LEAVING | _ENDING
RETURNS = frozenset(["voltar", "start"])
# What is one letter away from one of those and means itself.
_THEMSELVES = frozenset(
    [
        "top",
        "pagar",
        "saiu",
        "parou",
        "parei",
        "parto",
        "parte",
        "votar",
        "voltei",
        "voltou",
        "volta",
        "soltar",
        "shop",
        "step",
        "removi",
        "cancelei",
        "and",
    ]
)
_DOUBTED = frozenset(["sai", "volta"])
# What a list of stop words promises; "cancela" and "quero cancelar" may mean a plan or a visit.
_CANCELS = frozenset(["cancelar", "cancel"])
_JOINED_MOST = 6

FOOTER = re.compile(
    r"(?:[^\n.!?]{0,80}[·|•\-–—][ ]{0,3})?\b(?:responda|responder|responde|respondendo|envie|digite|mande|escreva|reply)\b[ ]{1,3}[\"'“”*‘’ ]{0,3}"
    r"(?:com )?(?:sair|parar|pare|cancelar|stop|descadastrar|remover)[\"'“”*‘’ ]{0,3}[ ]{1,3}"
    r"(?:para|pra|p|to|se|caso|e)\b[^\n.!?]{0,80}[.!]?"
)


def alone(sentences: Sequence[Sentence], *, appointment: bool) -> Reading | None:
    """The reading of an answer that is nothing but stop or return words; None when it says more."""
    words = [word for sentence in sentences for word in sentence.words]
    core = _core(words)
    if not core:
        return _only_para(words)
    stops, returns = _are(core, STOPS), _are(core, RETURNS)
    asked = any(sentence.asked and _core(sentence.words) for sentence in sentences)
    if returns:
        plain = all(
            word.is_a(Kind.POLITE) or _are([word], RETURNS)
            for word in words
            if not word.text.isdigit()
        )
        return (
            Reading(Answer.RETURN, Reason.RETURN_WORD)
            if plain and not asked
            else Reading(Answer.HOLD, Reason.UNCLEAR)
        )
    if [word.text for word in core] == ["volta"]:
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    if not stops:
        return _done(core, appointment=appointment)
    ending = all(text in _ENDING or _slipped(text, _ENDING) for text in _texts(core))
    cancels = all(
        word.is_a(Kind.CANCEL) or _slipped(word.text, {"cancelar", "cancela", "cancele"})
        for word in core
    )
    if cancels and appointment:
        return Reading(Answer.MESSAGE, Reason.APPOINTMENT)
    if asked and not _is_asked_for(words, core, ending=ending):
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    if cancels and not all(
        word.is_a(Kind.POLITE) or _is_cancelar(word) for word in words if not word.text.isdigit()
    ):
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    if any(text in _DOUBTED for text in _texts(core)) and "".join(_texts(core)) not in STOPS:
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    return Reading(Answer.STOP, Reason.STOP_WORD)


def _done(core: Sequence[Word], *, appointment: bool) -> Reading | None:
    """ "Cancelado": of what, nobody knows."""
    if (
        len(core) > 1
        or core[0].mood != Mood.DONE
        or not core[0].is_a(Kind.CANCEL, Kind.REMOVE, Kind.UNLIST)
    ):
        return None
    if appointment and core[0].is_a(Kind.CANCEL):
        return Reading(Answer.MESSAGE, Reason.APPOINTMENT)
    return Reading(Answer.HOLD, Reason.UNCLEAR)


def _is_asked_for(words: Sequence[Word], core: Sequence[Word], *, ending: bool) -> bool:
    """Whether a question asks for it ("como faço para sair?") and doesn't doubt it ("sair?")."""
    return all(word.is_a(Kind.UNLIST) for word in core) or (
        not ending and any(word.is_a(Kind.HOW) for word in words)
    )


def alone_in_a_sentence(sentence: Sentence) -> Answer | None:
    """The same for one sentence among others; only words that are spelt as they should be."""
    texts = _texts(_core(sentence.words))
    if not texts or sentence.asked:
        return None
    if all(text in _LEAVING for text in texts):
        return Answer.STOP
    return Answer.HOLD if all(text in STOPS | RETURNS for text in texts) else None


def _core(words: Sequence[Word]) -> list[Word]:
    """What is left without courtesy, list marks, and the words in which a wish is wrapped."""
    meant = [word for word in words if not (word.text.isdigit() and len(word.text) < 3)]
    return [
        word
        for word in meant
        if not word.is_a(Kind.POLITE, Kind.FILLER, Kind.HOW) or word.text in STOPS | RETURNS
    ]


def _only_para(words: Sequence[Word]) -> Reading | None:
    """ "Para!" alone is the verb; anywhere else it is "for"."""
    left = {word.text for word in words if not word.is_a(Kind.POLITE)} - {
        "agora",
        "ja",
        "ai",
        "com",
        "isso",
    }
    return Reading(Answer.STOP, Reason.STOP_WORD) if left == {"para"} else None


def _are(core: Sequence[Word], those: frozenset[str]) -> bool:
    """Whether the words are all of those, apart from one slip each; or one of them with gaps in it."""
    texts = _texts(core)
    if all(text in those or _slipped(text, those) for text in texts):
        return True
    return len(texts) <= _JOINED_MOST and "".join(texts) in those


def _is_cancelar(word: Word) -> bool:
    """Whether the word is the one of the lists, or a slip of it that isn't "cancela"."""
    text = _texts([word])[0]
    return text in _CANCELS or (text not in STOPS and _slipped(text, _CANCELS))


def _texts(core: Sequence[Word]) -> list[str]:
    return [re.sub(r"(.)\1+", r"\1", word.text.translate(_FIGURES)) for word in core]


_FIGURES = str.maketrans("0134578@$", "oieastbas")


def _slipped(text: str, those: frozenset[str] | set[str]) -> bool:
    return len(text) > 2 and text not in _THEMSELVES and any(near(text, word) for word in those)
