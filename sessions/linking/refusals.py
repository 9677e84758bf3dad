"""Why a session is not made, paired, or moved to another of its links: codes, with a sentence each."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sessions.models import WhatsAppSession
from sessions.reasons import Code


class LinkRefusal(TextChoices):
    """What stands in the way."""

    FULL = "full", WhatsAppSession.FULL
    NAME_TAKEN = "name_taken", _("Já existe um WhatsApp com este nome. Escolha outro.")
    RESTRICTED = (
        "restricted",
        _(
            "O WhatsApp restringiu ou bloqueou esta conta: enquanto isso ela não envia por outro aparelho."
        ),
    )
    NOT_LINKED = "not_linked", _("Este aparelho não está conectado.")
    OTHER_NUMBER = "other_number", _("Este aparelho é de outro número de WhatsApp.")
    TERMS_UNREAD = "terms_unread", _("Leia e aceite primeiro os termos de uso.")
    NOT_OFFERED = "not_offered", _("Este caminho não está disponível agora.")
    MOVED_LATELY = (
        "moved_lately",
        _("Este WhatsApp mudou há pouco. Volte, ou dispense primeiro o aparelho guardado."),
    )
    NOTHING_KEPT = "nothing_kept", _("Não há aparelho guardado para onde voltar.")
    NEW_NUMBER = Code.NEW_NUMBER.value, Code.NEW_NUMBER.label
    OTHER_SESSION = Code.OTHER_SESSION.value, Code.OTHER_SESSION.label
    OTHER_BUSINESS = Code.OTHER_BUSINESS.value, Code.OTHER_BUSINESS.label
    OTHER_ACCOUNT = Code.OTHER_ACCOUNT.value, Code.OTHER_ACCOUNT.label
    LINKED_ALREADY = "linked_already", _("Este WhatsApp já está conectado.")
