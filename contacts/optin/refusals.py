"""Why a request on a public page, or a code, is not taken: codes, with a sentence each."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OptInRefusal(TextChoices):
    """What stands in the way. Nothing is said of what a number's holder has asked for: anybody may type it."""

    MANY = (
        "many",
        _("Vieram muitos pedidos daqui agora há pouco. Espere um pouco e tente de novo."),
    )
    NO_CODE_NOW = (
        "no_code_now",
        _("Não sai código para este número agora. Mande a mensagem pelo WhatsApp: vale igual."),
    )
    CODE_OVER = (
        "code_over",
        _("Este código não vale mais. Mande a mensagem pelo WhatsApp, ou comece de novo amanhã."),
    )
    OTHER_WORDS = (
        "other_words",
        _("O texto desta página mudou agora há pouco. Leia de novo e marque se concorda."),
    )
    CODE_WRONG = "code_wrong", _("O código não é este. Confira a mensagem que chegou.")
    NOT_NOW = (
        "not_now",
        _("Este número não recebe mensagens daqui. Só uma mensagem da própria pessoa muda isso."),
    )
