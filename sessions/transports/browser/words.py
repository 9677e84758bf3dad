"""The sentences a session's owner may read, as message ids.

Transports know nothing of Django: these are marked for translation here (makemessages knows the
name `gettext_noop`) and translated where they are shown.
"""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation and return it untouched."""
    return message


UNREACHABLE = gettext_noop("O WhatsApp Web não pôde ser alcançado.")
REFUSED_BROWSER = gettext_noop("O WhatsApp Web recusou este navegador.")
NO_ANSWER = gettext_noop("O WhatsApp Web não terminou de carregar.")
BROWSER_GONE = gettext_noop("O navegador parou de funcionar.")
BROWSER_SLOW = gettext_noop("O navegador não respondeu a tempo.")
BROWSER_FAILED = gettext_noop("O navegador não pôde ser iniciado.")
PROFILE_IN_USE = gettext_noop("A pasta desta sessão está aberta em outro navegador.")
PROFILE_UNUSABLE = gettext_noop("A pasta desta sessão não pode ser lida ou gravada.")
LOGGED_OUT = gettext_noop(
    "A conta não está mais conectada. É preciso conectar de novo pelo celular."
)
OFFLINE = gettext_noop("O WhatsApp Web está sem conexão.")
CONFLICT = gettext_noop("O WhatsApp está aberto em outra janela.")
RESTRICTED = gettext_noop("O WhatsApp restringiu esta conta: ela não pode iniciar novas conversas.")
PAIRING_LATE = gettext_noop("O tempo para conectar acabou.")
INVALID_NUMBER = gettext_noop("Este número não está no WhatsApp.")
CHAT_DID_NOT_OPEN = gettext_noop("A conversa não abriu a tempo.")
WRONG_CHAT = gettext_noop("O WhatsApp abriu outra conversa; nada foi enviado.")
UNKNOWN_CHAT = gettext_noop(
    "Não foi possível confirmar de quem é a conversa aberta; nada foi enviado."
)
DRAFT_DIFFERS = gettext_noop(
    "O texto na caixa de mensagem não ficou igual ao pedido; nada foi enviado."
)
PAGE_COVERED = gettext_noop("Um aviso do WhatsApp cobriu a conversa; nada foi enviado.")
NO_TICK = gettext_noop("O WhatsApp não confirmou o envio a tempo.")
LOST_AFTER_PRESSING = gettext_noop("O navegador parou logo depois do envio.")
UNKNOWN_ICON = gettext_noop(
    "O WhatsApp mostrou um sinal desconhecido; a sessão parou para verificação."
)
