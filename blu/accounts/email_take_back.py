"""An address that was replaced may take that back for seven days: by then its owner has read the notice.

The link is mailed to the old address, signed and dated, and good once. Taking back ends everything that
the newcomer may hold: address, password, web sessions and factors. All factors, since allauth lets
nobody who has one change the address: what is there now came with the newcomer.
"""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from blu.accounts.models import EmailChange, User
from blu.accounts.refused import AccessRefusal, Refused

SALT = "blu.accounts.email_take_back"


def note(new: EmailAddress) -> EmailChange | None:
    """Record the verified address that `new` replaces; None where there is none."""
    others = EmailAddress.objects.filter(user_id=new.user_id, verified=True).exclude(pk=new.pk)
    old = others.first()
    if old is None:
        return None
    return EmailChange.objects.create(
        user_id=new.user_id, from_email=old.email.lower(), to_email=new.email.lower()
    )


def link(user: User, from_email: str) -> str:
    """What the notice to the old address holds; "" where there is nothing to take back."""
    change = _open().filter(user=user, from_email=from_email.lower()).order_by("-id").first()
    if change is None:
        return ""
    key = signing.dumps(change.pk, salt=SALT)
    return f"{settings.PUBLIC_URL}{reverse('account_email_take_back', args=[key])}"


def is_reserved(email: str, *, by: User | None) -> bool:
    """Returns whether the address may still take an account back; until then no other account may use it."""
    return _open().filter(from_email=email.lower()).exclude(user=by).exists()


def of_link(key: str, *, lock: bool = False) -> EmailChange:
    """The open change of a link. Raises Refused."""
    rows = _open().select_for_update() if lock else _open()
    try:
        return rows.get(pk=signing.loads(key, salt=SALT, max_age=EmailChange.OPEN))
    except (signing.BadSignature, EmailChange.DoesNotExist):
        raise Refused(AccessRefusal.TAKE_BACK_OVER) from None


def take_back(key: str) -> User:
    """Give the account back to the address that it had; nobody is signed in then. Raises Refused."""
    with transaction.atomic():
        change = of_link(key, lock=True)
        user = User.objects.select_for_update().get(pk=change.user_id)
        _refuse_if_somebody_elses(change)
        # A later change was the newcomer's, whose own notice must not undo this.
        later = _open().filter(user=user, pk__gte=change.pk)
        later.update(closed_at=Now())
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=change.from_email, primary=True, verified=True)
        Authenticator.objects.filter(user=user).delete()
        user.email = change.from_email
        user.set_unusable_password()
        user.save(update_fields=["email", "password"])
    return user


def forget_unconfirmed(user: User) -> None:
    """Addresses that were asked for and never confirmed: whoever asked may have been another, before a new password."""
    EmailAddress.objects.filter(user=user, verified=False, primary=False).delete()


def new_password_address(user: User) -> str:
    """Where this person chooses a password."""
    place = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=place)


def _refuse_if_somebody_elses(change: EmailChange) -> None:
    taken = Q(email__iexact=change.from_email) | Q(
        emailaddress__email__iexact=change.from_email, emailaddress__verified=True
    )
    if User.objects.filter(taken).exclude(pk=change.user_id).exists():
        raise Refused(AccessRefusal.E_MAIL_TAKEN)


def _open() -> QuerySet[EmailChange]:
    since = timezone.now() - EmailChange.OPEN
    return EmailChange.objects.filter(closed_at=None, changed_at__gt=since)
