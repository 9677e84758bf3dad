"""Why an answer is for a person to read, as a sentence."""

from django.utils.translation import gettext_lazy as _

from campaigns.replies.reasons import Reason

_WORDS = {
    Reason.UNKNOWN_SENDER: _("Não reconheceu quem escreve."),
    Reason.OTHER_PERSON: _("Se o número mudou de dono, quem o usa hoje nunca concordou."),
    Reason.DEATH: _("Fala de uma morte. Leia antes de escrever de novo."),
    Reason.THREAT: _("Fala em denúncia, processo ou advogado."),
    Reason.ANGER: _("Está com raiva, sem dizer do quê."),
    Reason.COMPLAINT: _("Reclama das mensagens, sem pedir para parar."),
    Reason.MIXED: _("Quer uma coisa e não quer outra."),
}


def why(reason: str) -> str:
    """What the answer may mean."""
    known = {str(code): words for code, words in _WORDS.items()}
    return str(known.get(reason, _("Pode pedir para parar, mas não dá para ter certeza.")))
