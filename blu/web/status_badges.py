"""One word, one icon and one tone for every state, the same on every page.

The words of a delivery are those of the look's guide; `tone` is a class of `.badge` in
components.css. A new state is a line here, never a colour in a template.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Badge(NamedTuple):
    """What a state looks like: the word (translated late), an icon of icons.svg, a tone."""

    word: str | Promise
    icon: str
    tone: str


DELIVERY = {
    "queued": Badge(_("Na fila"), "clock", "queued"),
    "sending": Badge(_("Enviando"), "send", "sending"),
    "sent": Badge(_("Enviado"), "check", "sent"),
    "delivered": Badge(_("Entregue"), "ticks", "delivered"),
    "read": Badge(_("Lido"), "ticks", "read"),
    "replied": Badge(_("Respondeu"), "reply", "replied"),
    "left": Badge(_("Pediu para sair"), "leave", "skipped"),
    # Who asked to stop and took it back.
    "returned": Badge(_("Voltou"), "undo", "replied"),
    "skipped": Badge(_("Pulado"), "minus", "skipped"),
    "failed": Badge(_("Falhou"), "close", "failed"),
    "uncertain": Badge(_("Incerto"), "question", "uncertain"),
    "cancelled": Badge(_("Cancelado"), "stop", "cancelled"),
}
CAMPAIGN = {
    "draft": Badge(_("Rascunho"), "edit", "skipped"),
    "scheduled": Badge(_("Agendada"), "calendar", "queued"),
    "launching": Badge(_("Preparando"), "refresh", "sending"),
    "running": Badge(pgettext_lazy("campaign", "Enviando"), "send", "sending"),
    "paused": Badge(_("Pausada"), "pause", "warn"),
    "done": Badge(_("Concluída"), "check", "ok"),
    "cancelled": Badge(_("Cancelada"), "stop", "cancelled"),
}
SESSION = {
    "unlinked": Badge(_("Sem WhatsApp"), "link", "skipped"),
    "pairing": Badge(_("Conectando"), "phone", "sent"),
    "online": Badge(_("Conectado"), "check", "ok"),
    "resting": Badge(_("Conectado"), "check", "ok"),
    # No state of its own: a link that has not proven itself for too long (sessions.health).
    "unproven": Badge(_("Não confirmado"), "question", "warn"),
    # Nor this: well, but WhatsApp lets the account begin no new chats.
    "limited": Badge(_("Limitada"), "clock", "warn"),
    "stopped": Badge(_("Parada"), "pause", "warn"),
    "offline": Badge(_("Sem internet"), "clock", "queued"),
    "restricted": Badge(_("Restrita"), "clock", "warn"),
    "conflict": Badge(_("Em outro lugar"), "alert", "warn"),
    "logged_out": Badge(_("Desconectado"), "leave", "failed"),
    "banned": Badge(_("Bloqueada"), "alert", "failed"),
    "outdated": Badge(_("Em atualização"), "refresh", "warn"),
    "needs_passkey": Badge(_("Pede chave"), "alert", "warn"),
}
CONSENT = {
    "granted": Badge(_("Aceitou"), "shield", "ok"),
    "revoked": Badge(_("Pediu para sair"), "leave", "skipped"),
    # Revoked too, but not by the person: taken by the team, by a spreadsheet, by a corrected number.
    "ended": Badge(_("Não vale mais"), "minus", "skipped"),
    "replaced": Badge(_("Número corrigido"), "edit", "skipped"),
}
IMPORT = {
    "reading": Badge(_("Lendo"), "refresh", "sending"),
    "uploaded": Badge(_("Falta conferir"), "eye", "warn"),
    "queued": Badge(_("Na fila"), "clock", "queued"),
    "running": Badge(_("Importando"), "upload", "sending"),
    "done": Badge(_("Importada"), "check", "ok"),
    "refused": Badge(_("Recusada"), "close", "failed"),
    "failed": Badge(_("Parou"), "alert", "failed"),
    "discarded": Badge(_("Descartada"), "close", "cancelled"),
}
EMAIL = {
    "verified": Badge(_("Confirmado"), "check", "ok"),
    "unverified": Badge(_("Falta confirmar"), "clock", "warn"),
}
PROTECTION = {
    "on": Badge(_("Em uso"), "check", "ok"),
    "off": Badge(_("Fora de uso"), "minus", "skipped"),
}
KINDS = {
    "delivery": DELIVERY,
    "campaign": CAMPAIGN,
    "session": SESSION,
    "consent": CONSENT,
    "import": IMPORT,
    "email": EMAIL,
    "protection": PROTECTION,
}


def badge_for(state: str, kind: str = "") -> Badge:
    """The badge of a state; without `kind` the first kind that knows the state. KeyError if none."""
    for table in [KINDS[kind]] if kind else KINDS.values():
        if state in table:
            return table[state]
    raise KeyError(f"no badge for {kind or 'any'} state {state!r}")
