"""allauth's hooks: its e-mails' heads, its refusals in our words, its secrets encrypted."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from blu.lib import encryption

LONGEST_EMAIL = 254  # characters, as in blu.accounts.models.User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address. A refusal says what to do next."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "cannot_remove_primary_email": _("Este é o e-mail da conta: troque-o antes de tirar."),
        "invalid_or_expired_key": _("Este link não vale mais. Peça outro."),
        "invalid_password_reset": _("Este link não vale mais. Peça outro."),
        "max_email_addresses": _("A conta já tem %d e-mails, o máximo."),
        "rate_limited": _("Muitas tentativas seguidas. Espere alguns minutos."),
        "same_as_current": _("É o mesmo de antes. Escreva outro."),
        "select_only_one": _("Escolha só um."),
        "account_inactive": _("Esta conta está desligada. Fale com o suporte."),
        "duplicate_email": _("Este já é o e-mail da conta."),
        "email_password_mismatch": _("E-mail ou senha não conferem."),
        "email_taken": _("Já existe uma conta com este e-mail. Entre, ou recupere a senha."),
        "enter_current_password": _("A senha atual não confere."),
        "incorrect_password": _("A senha não confere."),
        "incorrect_code": _("O código não confere. Espere o próximo e tente de novo."),
        "invalid_login": _("E-mail ou senha não conferem."),
        "too_many_login_attempts": _("Muitas tentativas seguidas. Espere alguns minutos."),
        "unknown_email": _("Não há conta com este e-mail."),
        "unverified_primary_email": _("Confirme antes o e-mail da conta."),
    }

    def clean_email(self, email: str) -> str:
        """allauth would cut a longer one to what the column takes, and write to somebody else."""
        if len(email) > LONGEST_EMAIL:
            raise ValidationError(_("Este e-mail é comprido demais. Confira se está certo."))
        cleaned: str = super().clean_email(email)
        return cleaned

    def send_account_already_exists_mail(self, email: str) -> None:
        """Takes as long as a sign-up that creates somebody: the time must not tell either."""
        make_password(email)
        super().send_account_already_exists_mail(email)

    def format_email_subject(self, subject: str) -> str:
        """The subject alone: the sender already says who writes."""
        return subject


class MFAAdapter(DefaultMFAAdapter):
    """The second step: its secrets are encrypted like every other secret at rest."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        "add_email_blocked": _("Desligue antes a verificação em duas etapas."),
        "cannot_delete_authenticator": _("A verificação em duas etapas não pode ser desligada."),
        "cannot_generate_recovery_codes": _("Ligue antes a verificação em duas etapas."),
        "incorrect_code": _("O código não confere. Espere o próximo e tente de novo."),
        "unverified_email": _("Confirme antes o e-mail da conta."),
    }

    def get_totp_issuer(self) -> str:
        """The name that the app shows above the code."""
        return "blü"

    def encrypt(self, text: str) -> str:
        """As stored: a token that only this installation can read."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret behind a stored token."""
        return encryption.decrypt(encrypted_text)
