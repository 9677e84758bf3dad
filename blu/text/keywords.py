"""What people write when they want to stop, or to come back, whatever the case and accents (brazil.md)."""

import re

from blu.text.fold import fold

STOP_WORDS = frozenset(
    [
        "sair",
        "parar",
        "pare",
        "cancelar",
        "stop",
        "descadastrar",
        "remover",
        "descadastre",
        "remova",
    ]
)
RETURN_WORDS = frozenset(["voltar"])
# Fillers around the word that leave no doubt: "quero sair", "sair por favor".
_POLITE = frozenset(
    [
        "por",
        "favor",
        "pf",
        "pfv",
        "eu",
        "quero",
        "me",
        "a",
        "lista",
        "da",
        "de",
        "obrigado",
        "obrigada",
    ]
)
_SENTENCES = re.compile(
    r"\bnao (quero|desejo|gostaria de) (mais )?(receber|ser incomodad|mensage)"
    r"|\b(pare|parem|para) de (me )?(mandar|enviar)"
    r"|\bnao (me )?(mande|mandem|envie|enviem) mais\b"
    r"|\bme (descadastra|descadastre|descadastrem)\b"
    r"|\bme (tira|tire|tirem|remove|remova|removam) (daqui|d[ae]ss?[ae] lista|desta lista|da lista)\b"
)


def is_stop(text: str) -> bool:
    """True for a message that asks to stop; a word inside another sentence is not enough.

    "SAIR", "sair." and "quero sair, por favor" are; "vou sair às 10" is not.
    """
    if _only_word(text) in STOP_WORDS:
        return True
    return bool(_SENTENCES.search(" ".join(_words(text))))


def is_return(text: str) -> bool:
    """True for a message that says VOLTAR and nothing else: more would be a guess at a consent."""
    return _only_word(text) in RETURN_WORDS


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", fold(text))


def _only_word(text: str) -> str:
    """The one word that is meant, fillers left out; "" where there are more, or numbers."""
    meant = [word for word in _words(text) if word not in _POLITE]
    return meant[0] if len(meant) == 1 and not re.search(r"\d", text) else ""
