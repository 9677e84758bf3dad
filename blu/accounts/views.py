"""Pages of the business and of one's own account; signing in and out are allauth's."""

from collections.abc import Sequence

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from blu.accounts.email_take_back import new_password_address, of_link, take_back
from blu.accounts.forms import BusinessForm, PersonForm
from blu.accounts.models import Membership, Role, User
from blu.accounts.permissions import BusinessRequest, roles
from blu.accounts.refused import Refused
from blu.accounts.services import create_another


@login_required
@require_http_methods(["GET", "POST"])
def business_new(request: HttpRequest) -> HttpResponse:
    """The first business of someone without one, or another one."""
    form = BusinessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        try:
            made = create_another(owner=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(made.address("dashboard"))
    return render(request, "accounts/business_new.html", {"form": form})


@roles(Role.OWNER)
@require_http_methods(["GET", "POST"])
def business_edit(request: BusinessRequest) -> HttpResponse:
    """Name, place and area code of the business, and who has access to it."""
    form = BusinessForm(request.POST or None, instance=request.business)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Dados do negócio salvos."))
        return redirect(request.business.address("business_edit"))
    members = request.business.memberships.select_related("user").order_by("id")
    return render(request, "accounts/business_edit.html", {"form": form, "members": members})


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The way in: to one's only business, to a list of several, to the support, or to a first business."""
    memberships: Sequence[Membership] = getattr(request, "memberships", ())
    if len(memberships) == 1:
        return redirect(memberships[0].business.address("dashboard"))
    if memberships:
        return render(request, "accounts/home.html", {"memberships": memberships})
    assert isinstance(request.user, User)
    return redirect("admin:index" if request.user.is_staff else "business_new")


@login_required
@require_http_methods(["GET", "POST"])
def account_security(request: HttpRequest) -> HttpResponse:
    """One's own account: name, and the ways to e-mail, password and second step."""
    assert isinstance(request.user, User)
    form = PersonForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Nome salvo."))
        return redirect("account_security")
    verified = EmailAddress.objects.filter(user=request.user, primary=True, verified=True).exists()
    return render(request, "accounts/security.html", {"form": form, "verified": verified})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_take_back(request: HttpRequest, key: str) -> HttpResponse:
    """What the notice of a changed address leads to: a press gives the account back to the old one."""
    try:
        if request.method == "POST":
            user = take_back(key)
            messages.success(
                request,
                _("A conta é de novo de %(email)s. Escolha agora outra senha.")
                % {"email": user.email},
            )
            return redirect(new_password_address(user))
        change = of_link(key)
    except Refused as refusal:
        return render(request, "accounts/email_take_back_closed.html", {"why": str(refusal)})
    return render(request, "accounts/email_take_back.html", {"change": change})
