"""What the link of an invitation opens: a page to accept it, and a sign-up without a business."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from allauth.account.views import SignupView
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from blu.accounts import invitations
from blu.accounts.models import Invitation, User
from blu.accounts.refused import AccessRefusal, Refused

OF_A_BUSINESS = ("business_name", "time_zone", "default_area_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, key: str) -> HttpResponse:
    """Who invites, and what to do: accept, sign in or sign up; or one sentence why it can't be."""
    user = request.user if isinstance(request.user, User) else None
    try:
        invitation = invitations.of_link(key)
        if request.method == "POST" and user:
            membership = invitations.accept(key=key, user=user)
            said = _("Pronto: você tem acesso a %(business)s.")
            messages.success(request, said % {"business": membership.business})
            return redirect(membership.business.address("dashboard"))
    except Refused as refusal:
        return render(request, "accounts/invited_closed.html", {"why": str(refusal)})
    if user and not invitations.is_for(invitation, user):
        return render(request, "accounts/invited_other.html", {"key": key})
    return render(request, "accounts/invited.html", {"invitation": invitation, "key": key})


class InvitedForm(SignupForm):
    """A name and a password; address, business and role are the invitation's."""

    def __init__(self, *args: Any, key: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key = key
        for name in OF_A_BUSINESS:
            del self.fields[name]
        # A disabled field takes its value from the view, whatever is posted.
        self.fields["email"].disabled = True

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        invitations.accept(key=self.key, user=user)

    def save(self, request: HttpRequest) -> User:
        """The person and the membership, or neither; the link has already proven the address.

        Raises Refused where the same form, sent twice, was a moment ahead.
        """
        adapter = get_adapter()
        adapter.stash_verified_email(request, self.cleaned_data["email"])
        try:
            with transaction.atomic():
                user: User = super().save(request)
        except IntegrityError as error:
            if not User.objects.filter(email__iexact=self.cleaned_data["email"]).exists():
                raise
            raise Refused(AccessRefusal.INVITATION_USED) from error
        finally:
            adapter.unstash_verified_email(request)
        return user


class InvitedSignUp(SignupView):
    """allauth's sign-up for someone invited."""

    template_name = "accounts/invited_sign_up.html"
    invitation: Invitation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leads to the invitation's page where the link isn't good any more."""
        try:
            self.invitation = invitations.of_link(kwargs["key"])
        except Refused:
            return redirect("invited", kwargs["key"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_class(self) -> type[InvitedForm]:
        """Not the one of settings, which asks for a business."""
        return InvitedForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The link, by which the membership is made."""
        return {**super().get_form_kwargs(), "key": self.kwargs["key"]}

    def get_initial(self) -> dict[str, Any]:
        """The address that was invited, and no other."""
        return {"email": self.invitation.email}

    def get_authenticated_redirect_url(self) -> str:
        """Someone signed in accepts on the page of the invitation."""
        return reverse("invited", args=[self.kwargs["key"]])

    def form_valid(self, form: InvitedForm) -> HttpResponse:
        """Cancelled or used while the form was open or being sent: the page of the link says so."""
        try:
            response: HttpResponse = super().form_valid(form)
        except Refused:
            return redirect("invited", self.kwargs["key"])
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Who invites, and the way back to the link after signing in."""
        more: dict[str, Any] = super().get_context_data(**context)
        return more | {"invitation": self.invitation, "key": self.kwargs["key"]}


sign_up = InvitedSignUp.as_view()
