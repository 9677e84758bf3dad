"""A delivery in words: one line of a list, and the whole story of one person.

Pages only lay out what is said here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from blu.web import dates
from campaigns.models import Campaign, Decision, Delivery, Reply
from campaigns.models.ledger_states import Reason, Status
from campaigns.reports.pages import SILENCE, Answer
from contacts.models import Consent, Source, State

_ENDED = (Status.SKIPPED, Status.FAILED, Status.UNCERTAIN, Status.CANCELLED)

# Letters of a reply; whole it stands in the chat below.
QUOTED = 300


class Line(NamedTuple):
    """A delivery on one line: the state's badge, when it got there, and what else matters."""

    delivery: Delivery
    state: str
    when: str
    detail: str


class Event(NamedTuple):
    """Something that happened to a delivery or to its consent, for a timeline."""

    at: datetime
    icon: str
    title: str
    rest: str = ""
    quote: str = ""
    proof: bool = False


def line(delivery: Delivery, answer: Answer = SILENCE) -> Line:
    """One line, with the time and the words of one answer, if there is any."""
    state = state_of(delivery, answer)
    return Line(delivery, state, _when(delivery, answer), _detail(delivery, answer))


def state_of(delivery: Delivery, answer: Answer = SILENCE) -> str:
    """The state as people see it: a reply is the last step of a delivery, unless it asked to stop."""
    if answer.left_at:
        return "left" if answer.left else "returned"
    if _is_off(delivery):
        return Status.CANCELLED
    return "replied" if delivery.replied_at else delivery.status


def _is_off(delivery: Delivery) -> bool:
    """Queued in a cancelled campaign: never to be claimed, and cancelled itself within moments."""
    cancelled = delivery.campaign.status == Campaign.Status.CANCELLED
    return delivery.status == Status.QUEUED and cancelled


def by_word(delivery: Delivery) -> bool:
    """True for a message that counts as sent by a person's word, without a proof of WhatsApp's."""
    return delivery.status == Status.SENT and delivery.reason == Reason.PERSON


def why(delivery: Delivery) -> str:
    """Why a delivery stands where it does, as a sentence; "" when its state says it all."""
    status = delivery.status
    if status == Status.UNCERTAIN:
        return _(
            "%(reason)s, e o blü não conseguiu provar se a mensagem chegou. Nada é enviado de novo "
            "por conta própria: olhe a conversa no celular."
        ) % {"reason": capfirst(delivery.get_reason_display())}
    if status == Status.CANCELLED or _is_off(delivery):
        return _("A campanha foi cancelada antes da vez.")
    if status == Status.QUEUED and delivery.reason == Reason.HELD:
        return _("Espera alguém decidir o que a pessoa quis dizer na resposta.")
    if status == Status.QUEUED and delivery.reason == Reason.RESTRICTED:
        return _("Espera: outra conta de vocês fala com esta pessoa, e o WhatsApp a restringiu.")
    if status == Status.QUEUED:
        return _("Espera a vez, dentro dos limites.")
    if delivery.reason == Reason.NO_CONSENT and delivery.person.replaced_by_id:
        return _(
            "O número deste contato foi corrigido: para o número de antes nada mais é enviado."
        )
    return capfirst(delivery.get_reason_display())


def doubt(delivery: Delivery) -> str:
    """What happened to a message in doubt, and what to do."""
    words = {"reason": capfirst(delivery.get_reason_display() or _("o envio foi interrompido"))}
    if delivery.ended_at is None:
        return why(delivery)
    return _(
        "%(reason)s %(when)s, e o blü não conseguiu provar se chegou. Olhe a conversa no celular e "
        "diga: assim ninguém recebe duas vezes."
    ) % {**words, "when": dates.at(delivery.ended_at)}


def timeline(
    delivery: Delivery,
    consents: Iterable[Consent],
    replies: Iterable[Reply],
    decisions: Iterable[Decision] = (),
) -> list[Event]:
    """Everything that happened, newest first, to the second."""
    events = [*map(_consent, consents), *_steps(delivery)]
    events += [*map(_decision, decisions), *map(_reply, replies)]
    # Sorting is stable: of two events in the same instant the later step ends up above.
    return sorted(events, key=lambda event: event.at)[::-1]


def _steps(delivery: Delivery) -> list[Event]:
    """The delivery's own steps, oldest first."""
    steps = [_launched(delivery.campaign, delivery.queued_at)]
    if delivery.sending_at:
        steps.append(
            Event(
                delivery.sending_at,
                "shield",
                _("Consentimento conferido"),
                _("no instante do envio"),
                proof=True,
            )
        )
    for at, icon, title in (
        (
            delivery.sent_at,
            "check",
            _("Enviada, sem prova do WhatsApp") if by_word(delivery) else _("Enviada"),
        ),
        (delivery.delivered_at, "ticks", _("Chegou ao celular")),
        (delivery.read_at, "eye", _("Leu")),
    ):
        if at:
            steps.append(Event(at, icon, title))
    if delivery.status in _ENDED and delivery.ended_at:
        steps.append(_end(delivery, delivery.ended_at))
    return steps


def _launched(campaign: Campaign, at: datetime) -> Event:
    person = campaign.launched_by
    rest = _("quando %(person)s lançou a campanha") % {"person": person} if person else ""
    return Event(at, "campaign", _("Entrou na fila"), rest)


def _end(delivery: Delivery, at: datetime) -> Event:
    icon, title = {
        Status.SKIPPED: ("minus", _("Pulado")),
        Status.FAILED: ("close", _("Falhou")),
        Status.UNCERTAIN: ("question", _("Incerto")),
        Status.CANCELLED: ("stop", _("Cancelado")),
    }[Status(delivery.status)]
    return Event(at, icon, title, quote=why(delivery))


def _decision(decision: Decision) -> Event:
    said = (
        _("%(person)s disse que chegou")
        if decision.arrived
        else _("%(person)s disse que não chegou")
    )
    title = said % {"person": decision.actor or _("Uma pessoa")}
    return Event(decision.at, "user", title, quote=decision.reason)


def _consent(consent: Consent) -> Event:
    topic = _("“%(topic)s”") % {"topic": consent.topic}
    if consent.source == Source.NUMBER:
        return Event(consent.at, "edit", _("Número corrigido: deixou de valer"), topic, proof=True)
    granted = consent.state == State.GRANTED
    title = _("Concordou em receber") if granted else _("Pediu para sair de")
    return Event(consent.at, "shield" if granted else "leave", title, topic, proof=True)


def _reply(reply: Reply) -> Event:
    icon, title = {
        Reply.Kind.STOP: ("leave", _("Pediu para sair")),
        Reply.Kind.RETURN: ("undo", _("Pediu para voltar")),
        Reply.Kind.HOLD: ("question", _("Respondeu, e alguém precisa decidir")),
        Reply.Kind.MESSAGE: ("reply", _("Respondeu")),
    }[Reply.Kind(reply.kind)]
    if reply.is_opt_in:
        icon, title = "check", _("Aceitou receber")
    return Event(reply.at, icon, title, _before(reply), quote=Truncator(reply.text).chars(QUOTED))


def _before(reply: Reply) -> str:
    said = [_("“%(words)s”") % {"words": words} for words in reply.edits_shown]
    return _("editada; antes dizia %(words)s") % {"words": ", ".join(said)} if said else ""


def _when(delivery: Delivery, answer: Answer) -> str:
    if delivery.status == Status.SENDING:
        return _("agora")
    if delivery.status == Status.QUEUED:
        return ""
    answered_at = answer.at or delivery.replied_at
    reached = (answered_at, delivery.read_at, delivery.delivered_at, delivery.sent_at)
    at = delivery.ended_at if delivery.status in _ENDED else next(filter(None, reached), None)
    return dates.when(at) if at else ""


def _detail(delivery: Delivery, answer: Answer) -> str:
    if answer.words:
        return _("“%(words)s”") % {"words": Truncator(answer.words.replace("\n", " ")).chars(40)}
    if delivery.status == Status.SENDING:
        return _("Consentimento conferido")
    if by_word(delivery):
        return _("Uma pessoa disse que chegou")
    if delivery.status == Status.SENT:
        return _("Ainda não chegou ao celular")
    if delivery.status == Status.READ and delivery.read_at and delivery.delivered_at:
        spell = dates.duration(delivery.read_at - delivery.delivered_at)
        return _("%(duration)s depois de chegar") % {"duration": spell} if spell else ""
    return capfirst(delivery.get_reason_display()) if delivery.reason else ""
