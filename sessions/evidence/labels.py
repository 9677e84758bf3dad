"""What the codes of evidence mean, for the support: at what a driver stopped, and which screen stood there.

The code stands beside the words: it is what the log and the driver's own files have.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

KINDS = {
    "unknown-icon": _("sinal desconhecido ao lado de uma mensagem"),
    "unknown-sign": _("sinal desconhecido ao lado de uma mensagem"),
    "unknown-page": _("tela que ninguém descreveu"),
    "page-odd": _("a página não reagiu como esperado"),
    "no-answer": _("a página não terminou de carregar"),
    "no-confirmation": _("mensagens sem confirmação"),
    "no-list": _("lista de conversas que não pode ser lida"),
    "no-rows": _("conversa em que nada pode ser lido"),
    "no-row": _("mensagem enviada que não aparece na conversa"),
    "unreadable": _("mensagens sem texto que possa ser lido"),
    "terms": _("termos novos a aceitar"),
    "terms-asked": _("termos novos a aceitar"),
    "screen-locked": _("WhatsApp Web bloqueado com senha"),
    "browser-refused": _("navegador recusado pelo WhatsApp Web"),
    "barrier-unknown": _("aviso desconhecido no lugar do campo de mensagem"),
}
SCREENS = {
    "unknown": _("desconhecida"),
    "chats": _("conversas"),
    "conflict": _("aberto em outra janela"),
    "refused": _("navegador recusado"),
    "linking": _("conectar um aparelho"),
    "qr": _("código QR"),
    "qr_expired": _("código QR vencido"),
    "phone": _("número de telefone"),
    "phone_refused": _("número recusado"),
    "code": _("código de 8 letras"),
    "code_expired": _("código vencido"),
    "passkey": _("chave de acesso"),
    "too_many_attempts": _("muitas tentativas"),
    "database_error": _("erro do banco de dados do navegador"),
    "sync": _("sincronizando"),
    "splash": _("carregando"),
}


def in_words(code: str) -> str:
    """The words of a kind's or screen's code, and the code; the code alone where it has no words yet."""
    words = KINDS.get(code) or SCREENS.get(code)
    return gettext("%(words)s (%(code)s)") % {"words": words, "code": code} if words else code
