"""A session that can't send, in words: what happened, what was kept, what to do."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blu.web import dates
from blu.web.numbers import grouped
from campaigns.models import Campaign, Delivery, Notice
from campaigns.models.campaign_states import UNDER_WAY
from campaigns.models.ledger_states import Status
from sessions import health
from sessions.models import WhatsAppSession
from sessions.reasons import Code
from sessions.states import LIMITED, UNPROVEN, State

MOST = 10_000  # counted no further: a page says "mais de 10.000"


class SessionProblem(NamedTuple):
    """Why a session sends nothing now, or not to all: a title, a sentence, and what a person can do."""

    title: str
    text: str
    to_do: str


def problem_of(session: WhatsAppSession) -> SessionProblem | None:
    """What keeps a session from sending; None while it is well."""
    state = health.shown_state_of(session)
    make = _WORDS.get(state)
    return make(session) if make else None


def problem_stopping_all(session: WhatsAppSession) -> SessionProblem | None:
    """What keeps a session from sending anything; None also where some people go on receiving."""
    return None if health.is_well(session) else problem_of(session)


def _limited(session: WhatsAppSession) -> SessionProblem:
    end = session.new_chats_until
    assert end is not None  # none is limited without one (sessions.driving.account_limits)
    title = _("O WhatsApp não deixa “%(name)s” começar conversas novas") % {"name": session.name}
    to_do = _("O WhatsApp não disse até quando: o blü tenta de novo %(when)s.") % {
        "when": dates.at(end)
    }
    if session.new_chats_end_told:
        title = _("O WhatsApp não deixa “%(name)s” começar conversas novas até %(until)s") % {
            "name": session.name,
            "until": dates.at(end),
        }
        to_do = _("Não conecte outro número. Você não precisa fazer nada: o blü continua sozinho.")
    return SessionProblem(
        title,
        _("Quem já escreveu para vocês continua recebendo; os outros esperam na fila."),
        to_do,
    )


def _restricted(session: WhatsAppSession) -> SessionProblem:
    title = _("O WhatsApp restringiu “%(name)s”") % {"name": session.name}
    if session.state_until and session.state_end_is_told:
        until = dates.at(session.state_until)
        title = _("O WhatsApp restringiu “%(name)s” até %(until)s") % {
            "name": session.name,
            "until": until,
        }
    what = _("Por enquanto esta conta não pode começar conversas novas, e o blü parou os envios.")
    if session.state_reason == Code.NO_MESSAGES:
        what = _("Por enquanto esta conta não pode enviar mensagens, e o blü parou os envios.")
    if session.state_until and not session.state_end_is_told:
        again = _("O WhatsApp não disse até quando: o blü tenta de novo %(when)s.")
        what = f"{what} {again % {'when': dates.at(session.state_until)}}"
    return SessionProblem(
        title,
        what,
        _(
            "Não conecte outro número. As campanhas que estavam em andamento ficam pausadas: "
            "reveja o público e retome quando a restrição acabar."
        ),
    )


def _conflict(session: WhatsAppSession) -> SessionProblem:
    return SessionProblem(
        _("“%(name)s” está aberto em outro lugar") % {"name": session.name},
        _("O blü parou os envios para não disputar com ele."),
        _("Olhe os dispositivos conectados no celular e depois conecte de novo."),
    )


def _logged_out(session: WhatsAppSession) -> SessionProblem:
    again = _("Conecte de novo: leva um minuto, e os envios continuam de onde pararam.")
    if health.has_lost_its_home(session):
        return SessionProblem(
            _("É preciso conectar “%(name)s” de novo") % {"name": session.name},
            _("A máquina do blü que guardava esta conexão parou de funcionar. O celular está bem."),
            again,
        )
    return SessionProblem(
        _("O celular desconectou “%(name)s”") % {"name": session.name},
        _(
            "Alguém tirou o blü dos dispositivos conectados, ou o celular ficou muito tempo sem uso."
        ),
        again,
    )


def _away(session: WhatsAppSession) -> SessionProblem:
    title = _("“%(name)s” está sem resposta") % {"name": session.name}
    if session.proven_at:
        since = dates.at(session.proven_at)
        title = _("“%(name)s” está sem resposta desde %(since)s") % {
            "name": session.name,
            "since": since,
        }
    trying = _("O blü tenta de novo sozinho a cada poucos minutos.")
    if not health.may_be_the_phone(session):
        nothing = _("Não é o seu celular: se passar de uma hora, fale com o suporte.")
        return SessionProblem(title, f"{session.explanation} {trying}", nothing)
    return SessionProblem(
        title,
        trying,
        _("Veja se o celular está ligado e com internet, e abra o WhatsApp nele."),
    )


def _unproven(session: WhatsAppSession) -> SessionProblem:
    title = _("“%(name)s” não está confirmado") % {"name": session.name}
    if session.proven_at:
        title = _("“%(name)s” não está confirmado desde %(since)s") % {
            "name": session.name,
            "since": dates.at(session.proven_at),
        }
    return SessionProblem(
        title,
        _(
            "O WhatsApp não deu sinal desde então. Pode estar só quieto: o blü não sabe, e olha de novo sozinho."
        ),
        _("Se passar de uma hora, abra o WhatsApp no celular e fale com o suporte."),
    )


def _stopped(session: WhatsAppSession) -> SessionProblem:
    looks = _("O blü olha de novo sozinho.")
    if session.state_until:
        looks = _("O blü olha de novo sozinho %(when)s.") % {"when": dates.at(session.state_until)}
    to_do = _("Você não precisa fazer nada.")
    if session.state_reason == Code.TERMS_ASKED:
        to_do = _("Abra o WhatsApp no celular e aceite.")
    return SessionProblem(
        _("O blü parou “%(name)s” por segurança") % {"name": session.name},
        session.explanation or _("O WhatsApp se comportou de um jeito que o blü não conhece."),
        f"{to_do} {looks}",
    )


def _unlinked(session: WhatsAppSession) -> SessionProblem:
    return SessionProblem(
        _("“%(name)s” não está conectado") % {"name": session.name},
        _("Sem o celular conectado nada sai por este WhatsApp."),
        _("Conecte de novo: leva um minuto, e os envios continuam de onde pararam."),
    )


def _banned(session: WhatsAppSession) -> SessionProblem:
    return SessionProblem(
        _("O WhatsApp bloqueou a conta de “%(name)s”") % {"name": session.name},
        _("Nada sai por esta conta, nem pelo celular. As mensagens na fila esperam."),
        _(
            "Abra o WhatsApp no celular: se ele oferecer uma análise, peça. "
            "Não continue por outro número, e fale com o suporte."
        ),
    )


def _outdated(session: WhatsAppSession) -> SessionProblem:
    return SessionProblem(
        _("“%(name)s” espera uma atualização do blü") % {"name": session.name},
        _("O WhatsApp pede uma versão mais nova do programa do blü, e até lá nada sai."),
        _("Você não precisa fazer nada: as mensagens esperam, e o suporte já sabe."),
    )


def _needs_passkey(session: WhatsAppSession) -> SessionProblem:
    return SessionProblem(
        _("O WhatsApp pede uma chave de acesso para conectar “%(name)s”") % {"name": session.name},
        _("O blü não tem como dar essa chave, e sem conexão nada sai por este WhatsApp."),
        _("Tente conectar de novo outro dia, ou conecte outro número."),
    )


_WORDS = {
    LIMITED: _limited,
    State.RESTRICTED: _restricted,
    State.CONFLICT: _conflict,
    State.LOGGED_OUT: _logged_out,
    State.OFFLINE: _away,
    UNPROVEN: _unproven,
    State.STOPPED: _stopped,
    State.BANNED: _banned,
    State.OUTDATED: _outdated,
    State.NEEDS_PASSKEY: _needs_passkey,
    State.UNLINKED: _unlinked,
    State.PAIRING: _unlinked,
}


def waiting(session_id: int) -> int:
    """How many messages wait in a session's queue, counted up to MOST + 1 (index delivery_claim)."""
    campaigns = Campaign.objects.filter(session_id=session_id, status__in=UNDER_WAY)
    rows = Delivery.objects.filter(
        campaign_id__in=list(campaigns.values_list("pk", flat=True)),
        session_id=session_id,
        status=Status.QUEUED,
    )
    notices = Notice.objects.filter(session_id=session_id, status=Status.QUEUED)
    most = MOST + 1
    return min(most, rows[:most].count() + notices[:most].count())


def waiting_in_words(number: int) -> str:
    """Returns a sentence that says how many messages wait."""
    if number > MOST:
        return _("mais de %(n)s mensagens esperam na fila e nenhuma foi marcada como falha.") % {
            "n": grouped(MOST)
        }
    if not number:
        return _("não há mensagens esperando na fila.")
    return ngettext(
        "%(n)s mensagem espera na fila e não foi marcada como falha.",
        "%(n)s mensagens esperam na fila e nenhuma foi marcada como falha.",
        number,
    ) % {"n": grouped(number)}
