"""What people write when they want to stop, whatever the case and accents (brazil.md)."""

import re

from blu.lib.search import fold

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
    folded = fold(text)
    words = re.findall(r"[a-z]+", folded)
    meant = [word for word in words if word not in _POLITE]
    if len(meant) == 1 and meant[0] in STOP_WORDS and not re.search(r"\d", folded):
        return True
    return bool(_SENTENCES.search(" ".join(words)))
