"""Pessoas com acesso: who works here, who is invited, and what each may do. For owners only.

Who gives or takes access says first who they are: a borrowed web session makes nobody an owner. What was
sent is done once they have.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from blu.accounts import invitations
from blu.accounts.forms import InviteForm, RoleForm
from blu.accounts.members import change_role, remove
from blu.accounts.models import Invitation, Membership, Role
from blu.accounts.permissions import BusinessRequest, fresh_confirmation_required, roles
from blu.accounts.refused import Refused


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def member_list(request: BusinessRequest) -> HttpResponse:
    """Everybody with access and the open invitations; a POST invites."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        try:
            invitation = invitations.invite(
                business=request.business, by=request.user, **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            _mailed(request, invitation)
            return redirect(request.business.address("member_list"))
    context = {
        "form": form,
        "members": request.business.memberships.select_related("user").order_by("id"),
        "invitations": invitations.of_business(request.business),
    }
    return render(request, "accounts/member_list.html", context)


@roles(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_confirmation_required
def member_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """One person's role, and the way to take their access away."""
    members = Membership.objects.select_related("user")
    member = get_object_or_404(members, business=request.business, pk=pk)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    if form.is_valid():
        try:
            change_role(business=request.business, pk=pk, role=form.cleaned_data["role"])
        except Refused as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, _("Papel de %(who)s salvo.") % {"who": member.user})
            return _back(request, member)
    return render(request, "accounts/member_edit.html", {"form": form, "member": member})


@roles(Role.OWNER)
@require_POST
@fresh_confirmation_required
def member_remove(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take a member's access away."""
    member = get_object_or_404(Membership, business=request.business, pk=pk)
    try:
        remove(business=request.business, pk=pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(request.business.address("member_edit", pk))
    messages.success(request, _("%(who)s não tem mais acesso.") % {"who": member.user})
    return _back(request, member)


@roles(Role.OWNER)
@require_POST
@fresh_confirmation_required
def invitation_resend(request: BusinessRequest, pk: int) -> HttpResponse:
    """Mail an open invitation again; it counts its seven days from now."""
    get_object_or_404(Invitation, business=request.business, pk=pk)
    try:
        invitation = invitations.renew(business=request.business, pk=pk, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    except Invitation.DoesNotExist:
        _closed_meanwhile(request)
    else:
        _mailed(request, invitation)
    return redirect(request.business.address("member_list"))


@roles(Role.OWNER)
@require_POST
def invitation_cancel(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take an open invitation back."""
    get_object_or_404(Invitation, business=request.business, pk=pk)
    try:
        invitation = invitations.cancel(business=request.business, pk=pk)
    except Invitation.DoesNotExist:
        _closed_meanwhile(request)
    else:
        said = _("Convite para %(email)s cancelado.") % {"email": invitation.email}
        messages.success(request, said)
    return redirect(request.business.address("member_list"))


def _mailed(request: BusinessRequest, invitation: Invitation) -> None:
    if invitations.mail(invitation):
        said = _("Convite enviado para %(email)s.") % {"email": invitation.email}
        messages.success(request, said)
    else:
        messages.warning(
            request, _("O convite ficou guardado, mas o e-mail não saiu. Reenvie daqui a pouco.")
        )


def _closed_meanwhile(request: BusinessRequest) -> None:
    messages.warning(request, _("Este convite já tinha sido aceito ou cancelado."))


def _back(request: BusinessRequest, member: Membership) -> HttpResponse:
    """To the list of members, or home after a change of one's own access, which may not open the list."""
    if member.user_id == request.user.pk:
        return redirect("home")
    return redirect(request.business.address("member_list"))
