"""Inviting people by e-mail: a signed link, valid seven days, once, and for that address only."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts import languages
from blu.accounts.members import lock
from blu.accounts.models import Business, Invitation, Membership, Role, User
from blu.accounts.refused import AccessRefusal, Refused
from blu.web import names

SALT = "blu.accounts.invitation"
DAILY = 20  # mails in 24 hours, of one business and of one person
PEOPLE_MOST = 100  # members and open invitations of one business
DAY = timedelta(hours=24)

logger = logging.getLogger(__name__)


def of_business(business: Business) -> QuerySet[Invitation]:
    """Those that wait for an answer, expired ones too, newest first."""
    return business.invitations.filter(accepted_at=None, cancelled_at=None).order_by("-id")


def invite(*, business: Business, email: str, role: str, by: User) -> Invitation:
    """A new invitation; `mail` sends it. Raises Refused.

    Accounts are not asked: nobody learns here whether the address has one.
    """
    email = email.lower()
    with transaction.atomic():
        lock(business)
        _refuse_unless_owner(business, by)
        if Membership.objects.filter(business=business, user__email__iexact=email).exists():
            raise Refused(AccessRefusal.MEMBER_ALREADY)
        if of_business(business).filter(email=email).exists():
            raise Refused(AccessRefusal.INVITED_ALREADY)
        if business.memberships.count() + of_business(business).count() >= PEOPLE_MOST:
            raise Refused(AccessRefusal.MANY_PEOPLE, most=PEOPLE_MOST)
        _refuse_a_flood(business, by)
        return Invitation.objects.create(business=business, email=email, role=role, invited_by=by)


def renew(*, business: Business, pk: int, by: User) -> Invitation:
    """Let an open invitation count from now; `mail` sends it. Raises Refused, Invitation.DoesNotExist."""
    with transaction.atomic():
        lock(business)
        _refuse_unless_owner(business, by)
        invitation = of_business(business).select_for_update().get(pk=pk)
        _refuse_a_flood(business, by)
        invitation.sent_at, invitation.invited_by = timezone.now(), by
        invitation.save(update_fields=["sent_at", "invited_by"])
    return invitation


def cancel(*, business: Business, pk: int) -> Invitation:
    """Make an open invitation's links worthless. Raises Invitation.DoesNotExist."""
    with transaction.atomic():
        invitation = of_business(business).select_for_update().get(pk=pk)
        invitation.cancelled_at = timezone.now()
        invitation.save(update_fields=["cancelled_at"])
    return invitation


def accept(*, key: str, user: User) -> Membership:
    """Make the invited person a member; someone who is one already keeps their role. Raises Refused."""
    with transaction.atomic():
        invitation = of_link(key, lock=True)
        if not is_for(invitation, user):
            raise Refused(AccessRefusal.OTHER_E_MAIL)
        mine = Membership.objects.filter(business=invitation.business, user=user)
        membership = mine.first() or _join(invitation, user)
        invitation.accepted_at = timezone.now()
        _by(invitation, user)
        invitation.save(update_fields=["accepted_at"])
    return membership


def _join(invitation: Invitation, user: User) -> Membership:
    membership = Membership(business=invitation.business, user=user, role=invitation.role)
    _by(membership, user)
    membership.save()
    return membership


def _by(row: Model, user: User) -> None:
    """Name the user for the history: a person who signs up by the link isn't signed in yet."""
    row._history_user = user  # type: ignore[attr-defined]  # simple_history's


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether the invitation was sent to this user's address."""
    return user.email.lower() == invitation.email


def of_link(key: str, *, lock: bool = False) -> Invitation:
    """The open invitation of a link. Raises Refused with what became of it."""
    try:
        pk = signing.loads(key, salt=SALT, max_age=Invitation.VALID)
    except signing.SignatureExpired:
        raise Refused(AccessRefusal.INVITATION_EXPIRED) from None
    except signing.BadSignature:
        raise Refused(AccessRefusal.LINK_INCOMPLETE) from None
    rows = Invitation.objects.select_related("business")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None or found.cancelled_at:
        raise Refused(AccessRefusal.INVITATION_CANCELLED)
    if found.accepted_at:
        raise Refused(AccessRefusal.INVITATION_USED)
    if not _may_invite(found):
        raise Refused(AccessRefusal.INVITATION_CANCELLED)
    return found


def _may_invite(invitation: Invitation) -> bool:
    """Whether who invited still is an owner, and may sign in: support switches hostile accounts off."""
    owners = Membership.objects.filter(business=invitation.business_id, role=Role.OWNER)
    return owners.filter(user=invitation.invited_by_id, user__is_active=True).exists()


def key_of(invitation: Invitation) -> str:
    """What the link carries, signed and dated now."""
    return signing.dumps(invitation.pk, salt=SALT)


def mail(invitation: Invitation) -> bool:
    """Send the link; False when no server took the mail, which is kept and can be sent again."""
    with languages.of_reader(invitation.email):
        context = {
            "business": invitation.business,
            "by": invitation.invited_by,
            "role": invitation.get_role_display(),
            "url": settings.PUBLIC_URL + reverse("invited", args=[key_of(invitation)]),
        }
        subject = _("%(business)s convidou você para o blü") % {
            "business": names.quoted(invitation.business.name)
        }
        body = render_to_string("accounts/email/invitation.txt", context)
    try:
        send_mail(subject, body, None, [invitation.email])
    except (OSError, SMTPException):
        logger.exception("invitation %s was not mailed", invitation.pk)
        return False
    return True


def _refuse_unless_owner(business: Business, by: User) -> None:
    """Check under the lock that `by` is still an owner with a confirmed address. Raises Refused."""
    owners = Membership.objects.filter(business=business, role=Role.OWNER)
    if not owners.filter(user=by).exists():
        raise Refused(AccessRefusal.NOT_OWNER)
    # Accounts are made in a minute; an address that somebody reads isn't.
    if not EmailAddress.objects.filter(user=by, email__iexact=by.email, verified=True).exists():
        raise Refused(AccessRefusal.E_MAIL_UNCONFIRMED)


def _refuse_a_flood(business: Business, by: User) -> None:
    """Refuse more than DAILY invitation e-mails in a day, counted from the history, cancelled ones too.

    Those of all businesses of who invites: one at a time, or each would count without the others.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    sent = Invitation.history.filter(
        Q(business=business) | Q(invited_by=by), sent_at__gte=timezone.now() - DAY
    )
    if sent.values("id", "sent_at").distinct().count() >= DAILY:
        raise Refused(AccessRefusal.MANY_INVITATIONS, n=DAILY)
