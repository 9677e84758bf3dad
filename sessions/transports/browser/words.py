"""Reasons: words for single messages, and the sentences a session's owner may read.

Transports know nothing of Django: the sentences are message ids, marked for translation here (makemessages knows the
name `gettext_noop`) and translated where they are shown.
"""

from __future__ import annotations

# Of single messages: words for the ledger (campaigns.transitions.Reason) and the logs.
NOT_ON_WHATSAPP = "not_on_whatsapp"
NO_TICK = "no_tick"
LINK_LOST = "link_lost"
CHAT_DID_NOT_OPEN = "chat_did_not_open"
WRONG_CHAT = "wrong_chat"
UNKNOWN_CHAT = "unknown_chat"
DRAFT_DIFFERS = "draft_differs"
PAGE_COVERED = "page_covered"
NO_EFFECT = "press_without_effect"
CONTACT_BLOCKED = "contact_blocked"


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation and return it untouched."""
    return message


# Of the link.
UNREACHABLE = gettext_noop("O WhatsApp Web não pôde ser alcançado.")
REFUSED_BROWSER = gettext_noop("O WhatsApp Web recusou este navegador.")
NO_ANSWER = gettext_noop("O WhatsApp Web não terminou de carregar.")
BROWSER_GONE = gettext_noop("O navegador parou de funcionar.")
BROWSER_SLOW = gettext_noop("O navegador não respondeu a tempo.")
BROWSER_FAILED = gettext_noop("O navegador não pôde ser iniciado.")
NO_SANDBOX = gettext_noop(
    "O navegador não pode ser protegido nesta máquina e não foi aberto; avise o suporte."
)
PROFILE_IN_USE = gettext_noop("A pasta desta conexão está aberta em outro navegador.")
PROFILE_UNUSABLE = gettext_noop("A pasta desta conexão não pode ser lida ou gravada.")
DISK_FULL = gettext_noop(
    "O disco da máquina que guarda esta conexão está cheio. "
    "Nada se perde: tudo continua sozinho assim que houver espaço."
)
LOGGED_OUT = gettext_noop(
    "A conta não está mais conectada. É preciso conectar de novo pelo celular."
)
OFFLINE = gettext_noop("O WhatsApp Web está sem conexão.")
CONFLICT = gettext_noop("O WhatsApp está aberto em outra janela.")
RESTRICTED = gettext_noop("O WhatsApp restringiu esta conta: ela não pode iniciar novas conversas.")
PAIRING_LATE = gettext_noop("O tempo para conectar acabou.")
NO_CONFIRMATION = gettext_noop(
    "O WhatsApp não está confirmando as mensagens; a conexão parou para verificação."
)
PAGE_ODD = gettext_noop(
    "A página do WhatsApp não respondeu como esperado; a conexão parou para verificação."
)
UNKNOWN_ICON = gettext_noop(
    "O WhatsApp mostrou um sinal desconhecido; a conexão parou para verificação."
)
