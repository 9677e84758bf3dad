"""Why a test is not sent to oneself, or a number not proven: codes, with a sentence each."""

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

_LATER = _("Tente de novo %(when)s, ou escreva antes do seu celular para ele.")


class NoticeRefusal(TextChoices):
    """The reason codes."""

    NO_NUMBER = "no_number", _("Confirme primeiro qual é o seu WhatsApp.")
    NO_SESSION = "no_session", _("Conecte um WhatsApp para enviar o teste.")
    NO_TEXT = "no_text", _("Escreva a mensagem antes de testar.")
    MANY_TESTS = (
        "many_tests",
        _("Você já fez os %(n)s testes de hoje. Amanhã dá para testar de novo."),
    )
    NEW_CHATS_SPENT = (
        "new_chats_spent",
        format_lazy(
            "{} {}", _("O limite de conversas novas de hoje deste WhatsApp acabou."), _LATER
        ),
    )
    NO_NEW_CHATS = (
        "no_new_chats",
        format_lazy(
            "{} {}",
            _("O WhatsApp não deixa esta conta começar conversas novas por agora."),
            _LATER,
        ),
    )
    SESSION_AWAY = "session_away", _("%(trouble)s. O código não sairia agora.")
    ASKED_TO_STOP = (
        "asked_to_stop",
        _("Este número pediu para não receber mensagens. Escreva dele para o WhatsApp."),
    )
    WANTS_NOTHING = (
        "wants_nothing",
        _("Este número pediu para não receber, ou tem uma resposta a decidir em Respostas."),
    )
    MANY_CODES = "many_codes", _("Você já pediu %(n)s códigos hoje. Escreva do seu celular.")
    NO_CODE_TODAY = (
        "no_code_today",
        _("Hoje não sai mais código para este número. Escreva do seu celular, ou tente amanhã."),
    )
    CODE_OVER = (
        "code_over",
        _("Este código não vale mais. Escreva do seu celular, ou peça outro amanhã."),
    )
    CODE_TAKEN = "code_taken", _("Este código não vale mais. Peça outro.")
    CODE_WRONG = "code_wrong", _("O código não é este. Confira a mensagem que chegou.")
    CODE_WRONG_AGAIN = (
        "code_wrong_again",
        _("Código errado pela quinta vez. Escreva do seu celular, ou peça outro amanhã."),
    )
