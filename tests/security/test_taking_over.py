"""What could take an account over asks for the password again, and can be taken back for a week."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail, signing
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from blu.accounts import email_take_back, invitations
from blu.accounts.admin import PasswordForm
from blu.accounts.business_urls import urlpatterns as of_a_business
from blu.accounts.models import Business, EmailChange, Invitation, Role, User
from blu.accounts.urls import OWN
from tests.clients import Client
from tests.factories import PASSWORD, confirm, make_membership, make_user

pytestmark = pytest.mark.django_db
THIEF = "ladrao@exemplo.com.br"
NEW_PASSWORD = "outra senha bem comprida"

# Every address below conta/, with why it needs no password of the last minutes, or what is done there.
NO_SIGN_IN = {
    "account_login", "account_signup", "account_inactive", "account_email_verification_sent",
    "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "mfa_authenticate", "mfa_login_webauthn",
    # Proven by a link that was mailed.
    "account_confirm_email", "account_reset_password_from_key", "account_email_take_back",
}  # fmt: skip
HARMLESS = {
    "account_security": "one's own name",
    "account_logout": "ends the session",
    "account_reauthenticate": "asks itself",
    "mfa_reauthenticate": "asks itself",
    "mfa_reauthenticate_webauthn": "asks itself",
    "mfa_index": "says which factors there are",
    "mfa_list_webauthn": "lists the names of the passkeys",
    "account_set_password": "for somebody without one only; leads everybody else to the change",
}
ASKS_IN_ITS_OWN_FORM = {
    "account_change_password": {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
}
ASKS_AGAIN: dict[str, dict[str, str]] = {
    "account_email": {"email": THIEF, "action_add": ""},
    "mfa_activate_totp": {"code": "000000"},
    "mfa_deactivate_totp": {},
    "mfa_view_recovery_codes": {},
    "mfa_generate_recovery_codes": {},
    "mfa_download_recovery_codes": {},
    "mfa_add_webauthn": {"name": "x", "credential": "{}"},
    "mfa_edit_webauthn": {"name": "x"},
    "mfa_remove_webauthn": {},
}

ONLY_SHOW = {"mfa_view_recovery_codes", "mfa_download_recovery_codes"}


def below_conta(found: URLResolver | None = None) -> set[str]:
    names: set[str] = set()
    for pattern in (found or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if str(pattern.pattern).lstrip("^").startswith("conta/"):
                names.add(str(pattern.name))
        elif str(pattern.pattern) == "":
            names |= below_conta(pattern)
    return names


@pytest.fixture
def ana(settings: Any) -> User:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    return confirm(make_membership(user=make_user("ana@exemplo.com.br")).user)


def borrowed(user: User, *, minutes_ago: int | None = None) -> Client:
    """A browser where this person is signed in, and gave the password so long ago, or never since."""
    client = Client()
    client.force_login(user)
    if minutes_ago is not None:
        session = client.session
        at = (timezone.now() - timedelta(minutes=minutes_ago)).timestamp()
        session["account_authentication_methods"] = [
            {"method": "password", "at": at, "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def page_of(name: str, user: User) -> str:
    if name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        return reverse(name, args=[passkey(user).pk])
    return reverse(name)


def passkey(user: User) -> Authenticator:
    found, _made = Authenticator.objects.get_or_create(
        user=user, type="webauthn", defaults={"data": {"name": "celular", "credential": {}}}
    )
    return found


def with_factors(user: User, name: str) -> None:
    """What the page is about: codes, where it isn't for somebody without them."""
    if name not in ("mfa_activate_totp", "account_email"):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(user)


def asks(response: HttpResponse) -> bool:
    at = response.headers.get("Location", "").split("?")[0]
    return response.status_code == 302 and at in (
        reverse("account_reauthenticate"),
        reverse("mfa_reauthenticate"),
        reverse("mfa_reauthenticate_webauthn"),
    )


def state(user: User) -> list[Any]:
    rows = (EmailAddress, Authenticator)
    kept = [list(model.objects.filter(user=user).order_by("pk").values()) for model in rows]
    return [*kept, User.objects.filter(pk=user.pk).values("email", "password").get()]


def test_every_address_of_the_account_is_classified() -> None:
    kinds = [NO_SIGN_IN, set(HARMLESS), set(ASKS_IN_ITS_OWN_FORM), set(ASKS_AGAIN)]
    assert set().union(*kinds) == below_conta()
    assert sum(map(len, kinds)) == len(below_conta())


@pytest.mark.parametrize("minutes_ago", [None, 6])
@pytest.mark.parametrize("name", sorted(ASKS_AGAIN))
def test_what_could_take_an_account_over_asks_for_the_password_again(
    ana: User, name: str, minutes_ago: int | None
) -> None:
    with_factors(ana, name)
    address = page_of(name, ana)
    before = state(ana)
    client = borrowed(ana, minutes_ago=minutes_ago)
    assert name == "account_email" or asks(client.get(address))
    assert name in ONLY_SHOW or asks(client.post(address, ASKS_AGAIN[name]))
    assert state(ana) == before


@pytest.mark.parametrize("name", sorted(ASKS_AGAIN))
def test_whoever_gave_the_password_lately_is_not_asked(ana: User, name: str) -> None:
    with_factors(ana, name)
    client = borrowed(ana, minutes_ago=4)
    assert not asks(client.get(page_of(name, ana)))
    assert not asks(client.post(page_of(name, ana), ASKS_AGAIN[name]))


@pytest.mark.parametrize("name", sorted(ASKS_IN_ITS_OWN_FORM))
def test_a_form_of_its_own_takes_nothing_without_the_password(ana: User, name: str) -> None:
    before = state(ana)
    for given in ({}, {"oldpassword": "errada"}):
        borrowed(ana).post(reverse(name), {**ASKS_IN_ITS_OWN_FORM[name], **given})
    assert state(ana) == before


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_what_is_called_harmless_changes_nothing_that_signs_in(ana: User, name: str) -> None:
    before = state(ana)
    borrowed(ana).post(
        reverse(name),
        {"email": THIEF, "name": "x", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert state(ana) == before


def test_the_borrowed_session_of_the_review_gets_nowhere(ana: User) -> None:
    borrowed(ana).post(reverse("account_email"), {"email": THIEF, "action_add": ""})
    assert mail.outbox == []
    assert not EmailAddress.objects.filter(email=THIEF).exists()


def ask_for_the_thief(client: Client) -> str:
    """Send what waits for a confirmation. Returns the confirmation's address."""
    asked = client.post(reverse("account_email"), {"email": THIEF, "action_add": ""})
    return str(asked.url)


def is_pending(email: str) -> bool:
    return EmailAddress.objects.filter(email=email).exists()


def test_what_was_sent_is_carried_out_once_its_sender_confirms(ana: User) -> None:
    client = borrowed(ana)
    client.post(ask_for_the_thief(client), {"password": PASSWORD})
    assert is_pending(THIEF)


@pytest.mark.parametrize("page", ["account_email", "home", "account_security"])
def test_what_a_stranger_left_in_the_session_goes_when_its_owner_opens_a_page(
    ana: User, page: str
) -> None:
    """Else the owner's confirmation, of whatever they see, would carry it out."""
    client = borrowed(ana)
    confirmation = ask_for_the_thief(client)
    client.get(reverse(page))
    client.get(confirmation)
    answer = client.post(confirmation, {"password": PASSWORD})
    assert answer.status_code == 302
    assert not is_pending(THIEF)


def test_a_fragment_that_a_page_asks_for_gives_up_nothing(ana: User) -> None:
    client = borrowed(ana)
    confirmation = ask_for_the_thief(client)
    client.get(reverse("home"), headers={"HX-Request": "true"})
    client.get(confirmation)
    client.post(confirmation, {"password": PASSWORD})
    assert is_pending(THIEF)


def link_to(email: str) -> str:
    """The last link in the last mail to this address."""
    body = [str(one.body) for one in mail.outbox if one.to == [email]][-1]
    return re.findall(r"https?://[^/]+(/\S+)", body)[-1]


def taking_back_link(email: str) -> str:
    body = [
        str(one.body) for one in mail.outbox if one.to == [email] and "mudou de" in str(one.body)
    ][-1]
    found = re.search(r"(/conta/email/desfazer/\S+)", body)
    assert found
    return found[1]


def change(user: User, to: str) -> Client:
    """The thief, who knows the password, moves the account to an address of theirs."""
    client = borrowed(user, minutes_ago=1)
    client.post(reverse("account_email"), {"email": to, "action_add": ""})
    client.post(link_to(to))
    user.refresh_from_db()
    assert user.email == to
    return client


def signed_in(client: Client) -> bool:
    return client.get(reverse("account_security")).status_code == 200


def test_a_new_address_ends_every_other_session_and_keeps_the_one_that_confirmed(ana: User) -> None:
    other = borrowed(ana)
    own = change(ana, THIEF)
    assert signed_in(own)
    assert not signed_in(other)


def test_a_new_password_ends_every_other_session(ana: User) -> None:
    other, own = borrowed(ana), borrowed(ana)
    answers = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    own.post(reverse("account_change_password"), answers)
    assert signed_in(own)
    assert not signed_in(other)


@pytest.mark.parametrize("way", ["changed", "by e-mail", "by support"])
def test_a_new_password_ends_what_the_old_one_had_asked_for(
    ana: User, settings: Any, way: str
) -> None:
    """The link to a new address needs no session, and is good for days."""
    borrowed(ana, minutes_ago=1).post(reverse("account_email"), {"email": THIEF, "action_add": ""})
    kept = link_to(THIEF)
    new_password(ana, way)
    Client().post(kept)
    ana.refresh_from_db()
    assert ana.email != THIEF
    assert not EmailAddress.objects.filter(email=THIEF).exists()


def new_password(user: User, way: str) -> None:
    """Each way to a new password."""
    client = borrowed(user, minutes_ago=1)
    chosen = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    if way == "changed":
        client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **chosen})
    elif way == "by e-mail":
        page = client.get(email_take_back.new_password_address(user), follow=True)
        client.post(page.redirect_chain[-1][0], chosen)
    else:
        form = PasswordForm(user, chosen | {"usable_password": "true"})
        assert form.is_valid()
        form.save()
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_the_old_address_takes_the_account_back_and_chooses_a_password(ana: User) -> None:
    thief = change(ana, THIEF)
    link = taking_back_link("ana@exemplo.com.br")
    visitor = Client()
    assert THIEF in visitor.get(link).content.decode()
    ana.refresh_from_db()
    assert ana.email == THIEF  # a mail program that opens links changes nothing
    page = visitor.post(link, follow=True)
    assert "Escolha a nova senha" in page.content.decode()
    answers = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    visitor.post(page.redirect_chain[-1][0], answers)
    ana.refresh_from_db()
    assert ana.email == "ana@exemplo.com.br"
    assert ana.check_password(NEW_PASSWORD)
    (address,) = EmailAddress.objects.filter(user=ana)
    assert (address.email, address.primary, address.verified) == (ana.email, True, True)
    assert not signed_in(thief)
    assert "não vale mais" in visitor.get(link).content.decode()


def test_taking_back_ends_the_password_at_once(ana: User) -> None:
    change(ana, THIEF)
    Client().post(taking_back_link("ana@exemplo.com.br"))
    ana.refresh_from_db()
    assert not ana.has_usable_password()


def test_the_newcomers_own_notice_undoes_nothing_once_the_older_one_was_used(ana: User) -> None:
    change(ana, THIEF)
    change(ana, "cumplice@exemplo.com.br")
    theirs = taking_back_link(THIEF)
    Client().post(taking_back_link("ana@exemplo.com.br"))
    Client().post(theirs)
    ana.refresh_from_db()
    assert ana.email == "ana@exemplo.com.br"


def test_factors_of_the_newcomer_go(ana: User) -> None:
    change(ana, THIEF)
    passkey(ana)
    Client().post(taking_back_link("ana@exemplo.com.br"))
    assert not Authenticator.objects.filter(user=ana).exists()


def test_nobody_with_a_factor_changes_the_address(ana: User) -> None:
    """So every factor that stands when a change is taken back came with the newcomer."""
    TOTP.activate(ana, "JBSWY3DPEHPK3PXP")
    borrowed(ana, minutes_ago=1).post(reverse("account_email"), ASKS_AGAIN["account_email"])
    assert not EmailAddress.objects.filter(email=THIEF).exists()


def test_a_link_of_eight_days_ago_or_a_made_up_one_takes_nothing_back(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(ana, THIEF)
    link = taking_back_link("ana@exemplo.com.br")
    made_up = signing.dumps(EmailChange.objects.get().pk, salt="another")
    Client().post(reverse("account_email_take_back", args=[made_up]))
    EmailChange.objects.update(changed_at=timezone.now() - timedelta(days=7, minutes=1))
    assert "não vale mais" in Client().post(link).content.decode()
    ana.refresh_from_db()
    assert ana.email == THIEF


def test_nobody_signs_up_with_the_old_address_so_that_it_can_not_come_back(ana: User) -> None:
    change(ana, THIEF)
    answers = {
        "name": "Ladra", "business_name": "Nada", "time_zone": "America/Sao_Paulo",
        "email": "Ana@exemplo.com.br", "password1": PASSWORD,
    }  # fmt: skip
    Client().post(reverse("account_signup"), answers)
    assert not User.objects.filter(email="ana@exemplo.com.br").exists()
    own = borrowed(ana, minutes_ago=1)
    own.post(reverse("account_email"), {"email": "ana@exemplo.com.br", "action_add": ""})
    assert EmailAddress.objects.filter(email="ana@exemplo.com.br", user=ana).exists()


def test_an_address_that_was_never_proven_takes_nothing_back(ana: User) -> None:
    EmailAddress.objects.filter(user=ana).update(verified=False)
    new = EmailAddress.objects.create(user=ana, email=THIEF, verified=True)
    assert email_take_back.note(new) is None
    assert email_take_back.link(ana, "ana@exemplo.com.br") == ""


def test_taking_back_an_address_that_another_account_proved_is_refused_in_words(ana: User) -> None:
    change(ana, THIEF)
    confirm(make_user("ana@exemplo.com.br"))
    page = Client().post(taking_back_link("ana@exemplo.com.br"))
    assert "Outra conta já usa este e-mail" in page.content.decode()
    ana.refresh_from_db()
    assert ana.email == THIEF


ACCESS = {
    "member_list": {"email": "bia@exemplo.com.br", "role": "owner"},
    "member_edit": {"role": "viewer"},
    "member_remove": {},
    "invitation_resend": {},
    "business_close": {"typed": "{business}"},
}
GIVES_NO_ACCESS = {
    "home": "only looks",
    "account_security": "only looks",
    "business_new": "a business of one's own",
    "business_edit": "the name and address of a business",
    "invitation_cancel": "takes back what was not used",
    "invited": "for whom the invitation is",
    "invited_sign_up": "for whom the invitation is",
}


def test_every_address_that_gives_or_takes_access_is_known() -> None:
    assert {
        pattern.name for pattern in [*OWN, *of_a_business]
    } == ACCESS.keys() | GIVES_NO_ACCESS.keys()


@pytest.mark.parametrize("name", ACCESS)
def test_who_gives_or_takes_access_says_again_who_they_are(name: str, ana: User) -> None:
    (mine,) = ana.memberships.all()
    caio = make_membership(mine.business, role=Role.OWNER)
    asked = invitations.invite(
        business=mine.business, by=ana, email="duda@exemplo.com.br", role=Role.VIEWER
    )
    pk = {"member_list": [], "business_close": [], "invitation_resend": [asked.pk]}.get(
        name, [caio.pk]
    )
    sent = {key: text.format(business=mine.business.name) for key, text in ACCESS[name].items()}
    client = borrowed(ana, minutes_ago=6)
    before = everybody_of(mine.business)
    page = mine.business.address(name, *pk)
    response = client.post(page, sent)
    assert asks(response)
    assert everybody_of(mine.business) == before
    # Once they have, what they sent is done.
    client.post(response.headers["Location"], {"password": PASSWORD, "next": page})
    assert everybody_of(mine.business) != before


def test_what_was_wrong_in_it_is_sent_again_to_its_own_address(ana: User) -> None:
    """The page comes in answer to the confirmation, whose address it must not be sent to."""
    client = borrowed(ana, minutes_ago=6)
    (mine,) = ana.memberships.all()
    for page, sent in (
        (mine.business.address("member_list"), {"email": "duda@", "role": Role.VIEWER}),
        (mine.business.address("member_edit", mine.pk), {"role": Role.VIEWER}),
    ):
        asked = client.post(page, sent)
        if asks(asked):
            asked = client.post(asked.headers["Location"], {"password": PASSWORD, "next": page})
        shown = asked.content.decode()
        assert "field__error" in shown
        assert f'method="post" action="{page}"' in shown


def everybody_of(business: Business) -> list[Any]:
    return [
        *business.memberships.order_by("pk").values_list("user_id", "role"),
        *Invitation.objects.filter(business=business)
        .order_by("pk")
        .values_list("email", "sent_at"),
    ]
