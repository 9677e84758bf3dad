"""allauth's forms of passkeys, where what a browser sends may be anything at all."""

from typing import Any

from allauth.mfa.webauthn import forms as passkeys
from django import forms

from blu.web import names


class ReadableJSON(forms.JSONField):
    """JSON that Python can read: it refuses numbers of thousands of digits, and what is nested as deep, otherwise."""

    def to_python(self, value: Any) -> Any:
        """What was sent. Raises ValidationError."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


def credential_field() -> ReadableJSON:
    """What the browser made of the passkey: some two thousand letters."""
    return ReadableJSON(required=True, max_length=20_000, widget=forms.HiddenInput)


class LoginForm(passkeys.LoginWebAuthnForm):
    """The passkey of a sign-in."""

    credential = credential_field()


class ReauthenticateForm(passkeys.ReauthenticateWebAuthnForm):
    """The passkey of a fresh confirmation."""

    credential = credential_field()


class AddForm(passkeys.AddWebAuthnForm):
    """A new passkey."""

    name = forms.CharField(required=False, max_length=100, validators=[names.refuse_unless_a_name])
    credential = credential_field()
