"""A stop or return word that stands alone, once courtesy is taken off; and the last line of our own messages."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from campaigns.replies import stop_words
from campaigns.replies.lexicon import FIGURES, Word, near
from campaigns.replies.reasons import Answer, Reading, Reason
from campaigns.replies.sentences import Sentence
from campaigns.replies.stop_words import RETURNS, STOPS
from campaigns.replies.verbs import Mood
from campaigns.replies.vocabulary import SMALL, Kind

_HELD = Reading(Answer.HOLD, Reason.UNCLEAR)
_STOPPED = Reading(Answer.STOP, Reason.STOP_WORD)
# Of how many pieces a word with gaps in it may be ("SA IR").
_PIECES_MOST = 6
_STRETCHED = re.compile(r"(.)\1+")
_QUOTE = r"[ \"'“”*‘’]{0,4}"
# "Clínica Horizonte · Responda SAIR para não receber mais", with the name in front of it.
FOOTER = re.compile(
    r"(?:[^\n.!?]{0,80}[·|•\-–—] {0,3})?"
    r"\b(?:responda|responder|responde|respondendo|envie|digite|mande|escreva|reply)\b"
    rf"{_QUOTE}(?:com )?{_QUOTE}(?:sair|parar|pare|cancelar|stop|descadastrar|remover)\b{_QUOTE}"
    r"(?:para|pra|p|to|se|caso|e)\b[^\n.!?]{0,80}[.!]?"
)


@dataclass(frozen=True, slots=True)
class _Alone:
    """The words of an answer, those of them that count, and whether these were asked."""

    words: list[Word]
    core: list[Word]
    asked: bool

    def are(self, those: Collection[str]) -> bool:
        """Whether those that count are of those, a slip each apart; or one of them with gaps in it."""
        texts = [_text(word) for word in self.core]
        joined = "".join(texts) if len(texts) <= _PIECES_MOST else ""
        return joined in those or all(_is_meant(text, those) for text in texts)

    def is_courteous(self, those: Collection[str]) -> bool:
        """Whether beside those words nothing but courtesy is said, no wish."""
        said = [word for word in self.words if not _is_mark(word)]
        return all(word.is_a(Kind.POLITE) or _is_meant(_text(word), those) for word in said)


def alone(sentences: Sequence[Sentence], *, appointment: bool) -> Reading | None:
    """The reading of an answer that is nothing but stop or return words; None when it says more."""
    words = [word for sentence in sentences for word in sentence.words]
    asked = any(sentence.asked and _core(sentence.words) for sentence in sentences)
    answer = _Alone(words, _core(words), asked)
    if not answer.core:
        return _only_para(words)
    if answer.are(RETURNS):
        clear = answer.is_courteous(RETURNS) and not asked
        return Reading(Answer.RETURN, Reason.RETURN_WORD) if clear else _HELD
    if answer.are(STOPS):
        return _stopped(answer, appointment=appointment)
    return _HELD if _is_no_more(answer) else _done(answer.core, appointment=appointment)


def alone_in_a_sentence(sentence: Sentence) -> Answer | None:
    """The same for one sentence among others; only words that are spelt as they should be."""
    texts = [_text(word) for word in _core(sentence.words)]
    if not texts or sentence.asked:
        return None
    if all(text in stop_words.LEAVING for text in texts):
        return Answer.STOP
    return Answer.HOLD if all(text in STOPS | RETURNS for text in texts) else None


def _stopped(answer: _Alone, *, appointment: bool) -> Reading:
    """What stop words alone come to: of visits "cancelar" is no stop, and what may be meant otherwise is held."""
    cancels = answer.are(["cancelar", "cancela", "cancele", "cancelem", "cancel"])
    if cancels and appointment:
        return Reading(Answer.MESSAGE, Reason.APPOINTMENT)
    if answer.asked and not _is_asked_for(answer):
        return _HELD
    if cancels and not answer.is_courteous(stop_words.CANCELS):
        return _HELD
    return _HELD if [_text(word) for word in answer.core] == ["sai"] else _STOPPED


def _is_asked_for(answer: _Alone) -> bool:
    """Whether a question asks for it ("como faço para sair?") and doesn't doubt it ("sair?")."""
    if all(word.is_a(Kind.UNLIST) for word in answer.core):
        return True
    return any(word.is_a(Kind.HOW) for word in answer.words) and not answer.are(stop_words.ENDING)


def _is_no_more(answer: _Alone) -> bool:
    """ "Não mais": of what, nobody knows."""
    more = any(word.text == "mais" for word in answer.words)
    return more and all(
        word.is_a(Kind.NOT, Kind.HERE) or word.text in SMALL for word in answer.core
    )


def _done(core: Sequence[Word], *, appointment: bool) -> Reading | None:
    """ "Cancelado", "volta": of what, nobody knows."""
    if len(core) > 1:
        return None
    word = core[0]
    if word.mood == Mood.DONE and word.is_a(Kind.CANCEL, Kind.REMOVE, Kind.UNLIST):
        cancelled = appointment and word.is_a(Kind.CANCEL)
        return Reading(Answer.MESSAGE, Reason.APPOINTMENT) if cancelled else _HELD
    return _HELD if word.text in stop_words.DOUBTED else None


def _only_para(words: Sequence[Word]) -> Reading | None:
    """ "Para!" alone is the verb; anywhere else it is "for"."""
    said = {_text(word) for word in words if not (word.is_a(Kind.POLITE) or _is_mark(word))}
    left = said - stop_words.AROUND_PARA - {"quero"}
    if len(left) != 1 or not near(left.pop(), "para") or not _is_verb(words):
        return None
    return _HELD if "quero" in said else _STOPPED


def _is_verb(words: Sequence[Word]) -> bool:
    return any(word.is_a(Kind.CEASE) for word in words)


def _core(words: Sequence[Word]) -> list[Word]:
    """What is left without courtesy, list marks, and the words in which a wish is wrapped."""
    wrapping = (Kind.POLITE, Kind.FILLER, Kind.HOW)
    return [
        word
        for word in words
        if word.text in STOPS | RETURNS or not (word.is_a(*wrapping) or _is_mark(word))
    ]


def _is_mark(word: Word) -> bool:
    """Whether it is the number of a choice: "1 - SAIR"."""
    return word.text.isdigit() and len(word.text) < 3


def _text(word: Word) -> str:
    """The word without stretched letters, its figures read as letters."""
    return _STRETCHED.sub(r"\1", word.text.translate(FIGURES))


def _is_meant(text: str, those: Collection[str]) -> bool:
    """Whether a word is one of those, or one slip away and no other word."""
    if text in those:
        return True
    slips = len(text) > 2 and text not in STOPS | RETURNS | stop_words.THEMSELVES
    return slips and any(near(text, word) for word in those)
