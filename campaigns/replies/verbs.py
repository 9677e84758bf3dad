"""The forms of Portuguese verbs as people type them, and what each form does: asks, tells or goes on."""

from collections.abc import Iterator
from enum import StrEnum


class Mood(StrEnum):
    """What a form of a verb does in an answer.

    ASK: may ask for it (imperative, subjunctive, infinitive, "manda", with or without its final r).
    GOING: gerund. HABIT: "eles mandam". SELF: "eu mando". TOLD: what was. DONE: participle.
    """

    ASK = "ask"
    GOING = "going"
    HABIT = "habit"
    SELF = "self"
    TOLD = "told"
    DONE = "done"


_AR = {
    Mood.ASK: "ar arem ares armos a e em es asse assem",
    Mood.GOING: "ando andu ano",
    Mood.HABIT: "am",
    Mood.SELF: "o amos",
    Mood.TOLD: "ei ou aram aro ava avam avamos aste ara arao aria ariam arei",
    Mood.DONE: "ado ada ados adas",
}
_ER = {
    Mood.ASK: "er erem eres ermos e a am as esse essem",
    Mood.GOING: "endo endu eno",
    Mood.HABIT: "em",
    Mood.SELF: "o emos",
    Mood.TOLD: "i eu eram ia iam iamos este era erao eria eriam erei",
    Mood.DONE: "ido ida idos idas",
}
_IR = {
    Mood.ASK: "ir irem ires irmos e i a am as isse issem",
    Mood.GOING: "indo indu ino",
    Mood.HABIT: "em",
    Mood.SELF: "o imos",
    Mood.TOLD: "i iu iram ia iam iamos iste ira irao iria iriam irei",
    Mood.DONE: "ido ida idos idas",
}
_ENDINGS = {"ar": _AR, "er": _ER, "ir": _IR}
# How a stem is spelled before e, where that differs: "bloquear" → "bloqueie", "apagar" → "apague".
_BEFORE_E = {"g": "gu", "c": "qu"}
# What the endings can't tell.
_ODD: dict[str, dict[Mood, str]] = {
    "sair": {
        Mood.ASK: "sair sai saia saiam sairem sairmos saisse",
        Mood.GOING: "saindo",
        Mood.HABIT: "saem",
        Mood.SELF: "saio saimos",
        Mood.TOLD: "sairam saiu saia sairei saira sairao sairia",
        Mood.DONE: "saido",
    },
    "excluir": {
        Mood.ASK: "excluir exclui exclua excluam excluirem escluir esclui esclua",
        Mood.GOING: "excluindo",
        Mood.HABIT: "excluem",
        Mood.SELF: "excluo",
        Mood.TOLD: "excluiu excluiram excluira excluirei",
        Mood.DONE: "excluido excluida excluidos excluidas excluso",
    },
    "incluir": {
        Mood.ASK: "incluir inclui inclua incluam",
        Mood.TOLD: "incluiu incluiram",
        Mood.DONE: "incluido incluida",
    },
    "por": {Mood.ASK: "poe ponha ponham", Mood.TOLD: "pos puseram"},
    "expor": {Mood.ASK: "expor exponha exponham"},
}


def forms(infinitive: str) -> Iterator[tuple[str, Mood]]:
    """Every form of a verb with its mood, unaccented; a form that may ask comes before its others.

    "desinscrever", "bloquear", "interromper"; spellings without the final r ("tirá") are "tira".
    """
    odd = _ODD.get(infinitive)
    if odd:
        for mood, words in odd.items():
            yield from ((word, mood) for word in words.split())
        return
    stem, ending = infinitive[:-2], infinitive[-2:]
    for mood, endings in _ENDINGS[ending].items():
        for each in endings.split():
            yield _spelled(stem, each), mood


def _spelled(stem: str, ending: str) -> str:
    """Stem and ending together, with the letters that Portuguese changes between them."""
    if ending.startswith("e") and stem[-1] in _BEFORE_E:
        stem = stem[:-1] + _BEFORE_E[stem[-1]]
    if stem.endswith("e") and ending in ("e", "em", "es", "o", "a", "am"):
        stem += "i"
    return stem + ending
