"""Asking for a link to a new password: few of one account by a network, as many by all as a mailbox bears."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.core.internal import ratelimit


class CountedResetForm(ResetPasswordForm):
    """The address to which the link goes; allauth counts those of all networks by it alone (settings)."""

    def clean_email(self) -> str:
        """Refused, whether or not there is such an account, once this network has asked too often."""
        email = str(super().clean_email())
        request = context.request
        key = f"{email.casefold()} {ratelimit.get_ip(request)}"
        if not ratelimit.consume(
            request, app="allauth.account", action="reset_password_here", key=key
        ):
            raise get_adapter().validation_error("rate_limited")
        return email
