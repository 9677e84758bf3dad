"""The states of a ledger row, why it is there, and every arrow between them.

The triggers of `campaigns.models.triggers.forward_only` are written from ARROWS, so that raw SQL and the admin
obey the same table as the code.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from blu.db.state_machine import BORN


class Status(models.TextChoices):
    """A ledger row's state; campaigns.models.ledger_states holds the arrows."""

    QUEUED = "queued", _("na fila")
    SENDING = "sending", _("enviando")
    SENT = "sent", _("enviado")
    DELIVERED = "delivered", _("entregue")
    READ = "read", _("lido")
    SKIPPED = "skipped", _("pulado")
    FAILED = "failed", _("falhou")
    UNCERTAIN = "uncertain", _("incerto")
    CANCELLED = "cancelled", _("cancelado")


class Reason(models.TextChoices):
    """Why a row is where it is, when its status alone doesn't say."""

    NONE = "", ""
    NO_CONSENT = "no_consent", _("sem consentimento")
    STOP = "stop", _("pediu para não receber")
    HELD = "held", _("resposta a decidir")
    NOT_ON_WHATSAPP = "not_on_whatsapp", _("o número não tem WhatsApp")
    LINK_LOST = "link_lost", _("a conexão caiu no meio do envio")
    NO_TICK = "no_tick", _("o WhatsApp não confirmou o envio a tempo")
    CRASH = "crash", _("o envio foi interrompido")
    REFUSED = "refused", _("o WhatsApp recusou")
    TEXT = "text", _("o WhatsApp não aceitou este texto em três tentativas")
    CONTACT_BLOCKED = "contact_blocked", _("o contato está bloqueado neste WhatsApp")
    RETRY = "retry", _("não saiu, vai de novo")
    UNASKED = "unasked", _("o pedido não vale mais")
    PERSON = "person", _("decidido por uma pessoa")
    ERASED = "erased", _("pediu para apagar os dados")
    RESTRICTED = "restricted", _("a conta que fala com esta pessoa está restrita")
    UNDELIVERED = "undelivered", _("o WhatsApp avisou que não entregou")


ARROWS: dict[str, tuple[str, ...]] = {
    BORN: (Status.QUEUED,),
    Status.QUEUED: (Status.SENDING, Status.SKIPPED, Status.CANCELLED),
    Status.SENDING: (
        Status.QUEUED,
        Status.SENT,
        Status.DELIVERED,
        Status.READ,
        Status.FAILED,
        Status.UNCERTAIN,
    ),
    Status.SENT: (Status.DELIVERED, Status.READ, Status.FAILED),
    Status.DELIVERED: (Status.READ,),
    # Only where WhatsApp itself had said that it failed: that it arrived is believed instead.
    Status.FAILED: (Status.DELIVERED, Status.READ),
    Status.UNCERTAIN: (
        Status.SENT,
        Status.DELIVERED,
        Status.READ,
        Status.QUEUED,
        Status.FAILED,
    ),
}

# How far WhatsApp's word brings a row: its receipts and failures each move it only forward in this order.
STEPS = (Status.UNCERTAIN, Status.SENT, Status.FAILED, Status.DELIVERED, Status.READ)

# From sending, these say "certainly not on the wire": no press may stand in the row, unless it is WhatsApp that
# says that the message failed (campaigns.models.triggers.TOLD).
NOT_ON_THE_WIRE = (Status.QUEUED, Status.FAILED)

# From uncertain, these are for a person only, with a written decision in the row; or for WhatsApp's own word.
BY_A_PERSON = (Status.QUEUED, Status.FAILED)

# From uncertain, these take a proof: WhatsApp's id of the message. A person who saw the message in
# the chat may write `sent` without one, with a decision (docs/decisions/0008), but no later step.
BY_PROOF = (Status.SENT, Status.DELIVERED, Status.READ)

# At least this far: a row that is read was also sent and delivered.
REACHED = {
    Status.SENT: (Status.SENT, Status.DELIVERED, Status.READ),
    Status.DELIVERED: (Status.DELIVERED, Status.READ),
    Status.READ: (Status.READ,),
}
