"""Refusals: a service raises a code, and a page, a form or the API puts it into words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Nothing was changed. `code` says why, with `params`; str() is its sentence, in the language of who reads."""

    def __init__(self, code: TextChoices, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        words = str(self.code.label)
        return words % self.params if self.params else words


class AccessRefusal(TextChoices):
    """Why access is not given, changed or taken back."""

    LAST_OWNER = (
        "last_owner",
        _("Todo negócio precisa de alguém responsável. Dê antes esse papel a outra pessoa."),
    )
    NOT_OWNER = "not_owner", _("Só quem é responsável pelo negócio convida pessoas.")
    E_MAIL_UNCONFIRMED = (
        "e_mail_unconfirmed",
        _("Confirme antes o e-mail da sua conta. Depois, convide."),
    )
    MEMBER_ALREADY = "member_already", _("Esta pessoa já tem acesso.")
    INVITED_ALREADY = (
        "invited_already",
        _("Este e-mail já tem um convite. Se ele não chegou, reenvie."),
    )
    MANY_PEOPLE = (
        "many_people",
        _("Um negócio tem até %(most)s pessoas, convites incluídos."),
    )
    MANY_BUSINESSES = "many_businesses", _("Uma pessoa tem até %(most)s negócios.")
    MANY_INVITATIONS = (
        "many_invitations",
        _("Já foram %(n)s convites em 24 horas. Tente de novo amanhã."),
    )
    OTHER_E_MAIL = "other_e_mail", _("Este convite foi feito para outro e-mail.")
    INVITATION_EXPIRED = (
        "invitation_expired",
        _("Este convite venceu. Peça outro a quem convidou você."),
    )
    LINK_INCOMPLETE = (
        "link_incomplete",
        _("Este link está incompleto. Abra o convite de novo pelo e-mail."),
    )
    INVITATION_CANCELLED = (
        "invitation_cancelled",
        _("Este convite foi cancelado. Fale com quem convidou você."),
    )
    INVITATION_USED = (
        "invitation_used",
        _("Este convite já foi usado. Entre com o seu e-mail e a sua senha."),
    )
    TAKE_BACK_OVER = (
        "take_back_over",
        _("Este link não vale mais. Se o e-mail da conta ainda está errado, fale com o suporte."),
    )
    E_MAIL_TAKEN = "e_mail_taken", _("Outra conta já usa este e-mail. Fale com o suporte.")
