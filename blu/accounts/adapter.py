"""allauth's hooks: its e-mails' heads, its refusals in our words, its secrets encrypted."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import RateLimitUsage, clear, consume, get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from blu.accounts import email_take_back, languages
from blu.accounts.models import User
from blu.db import encrypted_fields
from blu.text.network import unmapped
from blu.text.normal_form import normalized

_APP = "allauth.account"
LONGEST_EMAIL = 254  # characters, as in blu.accounts.models.User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address. A refusal says what to do next."""

    _of_all: RateLimitUsage | None = None

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
        """Refuse an address longer than its column: allauth would cut it, and mail another address."""
        if len(email) > LONGEST_EMAIL:
            raise ValidationError(_("Este e-mail é comprido demais. Confira se está certo."))
        if "/" in email or normalized("NFKC", email) != email:
            # "ſ" and "K" count as s and k where accounts are looked for, but not where mails are counted.
            # And evil.test/login@exemplo.com.br would stand as a link in the invitations of who has it.
            raise ValidationError(_("Este e-mail tem letras que não existem em endereços."))
        cleaned: str = super().clean_email(email)
        return cleaned

    def validate_unique_email(self, email: str) -> str:
        """Refuses an address that may still take another account back (blu.accounts.email_take_back)."""
        if email_take_back.is_reserved(email, by=_signed_in(self.request)):
            raise ValidationError(
                _("Este e-mail saiu há pouco de outra conta. Use outro, ou espere uma semana.")
            )
        return email

    def set_password(self, user: User, password: str) -> None:
        """As allauth does for each way to a new password; what an old one had asked for is over with it.

        The link to a new address needs no session: who knew the old password would take the account by it later.
        """
        super().set_password(user, password)
        email_take_back.forget_unconfirmed(user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A new address ends all sessions of the person but the one that confirms it."""
        change = email_take_back.note(email_address)
        confirmed: bool = super().confirm_email(request, email_address)
        if not confirmed and change is not None:
            change.delete()
        if confirmed and _signed_in(request) == email_address.user:
            update_session_auth_hash(request, email_address.user)
        return confirmed

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """As allauth does, in the reader's language."""
        user = context.get("user")
        reader = user if isinstance(user, User) else email if isinstance(email, str) else email[0]
        with languages.of_reader(reader):
            mail: EmailMessage = super().render_mail(template_prefix, email, context, headers)
        return mail

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """allauth's notices, with the address where to do something about it."""
        more = dict(context or {})
        more["new_password_url"] = settings.PUBLIC_URL + reverse("account_reset_password")
        if template_prefix == "account/email/email_changed":
            more["take_back_url"] = email_take_back.link(user, more["from_email"])
        super().send_notification_mail(template_prefix, user, more, email)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try as of its network, and the account's tries of all networks, which may be many more."""
        super().pre_authenticate(request, **credentials)
        self._of_all = consume(
            request, app=_APP, action="login_failed_anywhere", key=_account(credentials)
        )
        if not self._of_all:
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        """The password was right."""
        super()._rollback_login_failed_rl_usage()
        if self._of_all:
            self._of_all.rollback()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Who has a new password, by their e-mail, signs in however often strangers have failed to."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        clear(request, app=_APP, action="login_failed_anywhere", key=_account(credentials))

    def get_client_ip(self, request: HttpRequest) -> str:
        """By what visitors are told apart: behind a socket of both kinds each IPv4 address is written as one of IPv6."""
        address: str = super().get_client_ip(request)
        return unmapped(address)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Links of mails lead to our own address, whatever Host the request for the mail had."""
        return _own(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The same of the link that confirms an address."""
        return _own(super().get_email_confirmation_url(request, emailconfirmation))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The key under which allauth counts failed sign-ins: the account's address as a network tries it.

        Its own holds the Host header, whose port is the visitor's to choose.
        """
        return f"{_account(credentials)} {get_ip(request)}"

    def send_account_already_exists_mail(self, email: str) -> None:
        """Take as long as a sign-up that creates a user, so that the time doesn't show the difference."""
        make_password(email)
        super().send_account_already_exists_mail(email)

    def format_email_subject(self, subject: str) -> str:
        """The subject alone: the sender already says who writes."""
        return subject


def _own(url: str) -> str:
    return f"{settings.PUBLIC_URL}{urlsplit(url).path}"


def _account(credentials: Mapping[str, Any]) -> str:
    """An account's address, in small letters."""
    return normalized("NFKC", str(credentials.get("email", ""))).casefold()


def _signed_in(request: HttpRequest | None) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


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
        return encrypted_fields.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret behind a stored token."""
        return encrypted_fields.decrypt(encrypted_text)
