"""An invitation: mailed by an owner, accepted once, in time, and by whom it was written to."""

import re
from datetime import timedelta
from smtplib import SMTPException
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpRequest
from django.utils import timezone

from blu.accounts import invitations
from blu.accounts.invitation_views import InvitedForm
from blu.accounts.models import Business, Invitation, Membership, Role, User
from blu.accounts.refused import Refused
from tests import support
from tests.clients import Client
from tests.concurrency.waiting import Beside
from tests.factories import PASSWORD, confirm, make_business, make_membership, make_user

pytestmark = pytest.mark.django_db
PAGE = "/empresa/pessoas/"
BIA = "bia@exemplo.com.br"


def invite(client: Client, email: str = BIA, role: str = "receptionist", page: str = PAGE) -> str:
    return client.post(page, {"email": email, "role": role}, follow=True).content.decode()


def link() -> str:
    """The one mailed last."""
    found = re.search(r"https?://[^/]+(/convite/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def signed_in(email: str = BIA) -> Client:
    client = Client()
    client.force_login(make_user(email))
    return client


def why(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    assert "Este convite não vale mais" in page
    return page


def test_an_invitation_is_mailed_and_listed(client: Client, owner: Membership) -> None:
    page = invite(client, "Bia@Exemplo.com.br")
    assert f"Convite enviado para {BIA}." in page
    assert "Convites sem resposta" in page
    message = mail.outbox[0]
    assert message.to == [BIA]
    assert message.subject == f"“{owner.business.name}” convidou você para o blü"
    made = Invitation.objects.get()
    assert (made.email, made.role, made.invited_by) == (BIA, Role.RECEPTIONIST, owner.user)
    assert made.history.get().history_user == owner.user


def test_somebody_new_signs_up_and_works_where_they_were_invited(
    client: Client, owner: Membership, settings: object
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    invite(client, role="viewer")
    new = Client()
    path = link()
    assert owner.business.name in new.get(path).content.decode()
    assert BIA in new.get(f"{path}criar/").content.decode()
    form = {"name": "Bia Reis", "email": "outra@exemplo.com.br", "password1": PASSWORD}
    page = new.post(f"{path}criar/", form, follow=True)
    assert page.resolver_match.url_name == "dashboard"
    bia = User.objects.get(email=BIA)
    assert bia.name == "Bia Reis"
    assert [(m.business, m.role) for m in bia.memberships.all()] == [(owner.business, Role.VIEWER)]
    assert Business.objects.count() == 1
    assert EmailAddress.objects.get(user=bia).verified
    assert Membership.history.get(user=bia).history_user == bia
    assert Invitation.objects.get().accepted_at


def test_somebody_with_an_account_signs_in_and_accepts(client: Client, owner: Membership) -> None:
    invite(client)
    make_membership(user=make_user(BIA))
    theirs = Client()
    path = link()
    page = theirs.get(path).content.decode()
    entrance = f"/conta/entrar/?next={quote(path)}"
    assert f'href="{entrance}"' in page
    answer = theirs.post(entrance, {"login": BIA, "password": PASSWORD}, follow=True)
    assert "Aceitar convite" in answer.content.decode()
    answer = theirs.post(path, follow=True)
    assert f"você tem acesso a {owner.business.name}" in answer.content.decode()
    assert answer.context["request"].business == owner.business


def test_a_link_works_once(client: Client, owner: Membership) -> None:
    invite(client)
    bia = signed_in()
    bia.post(link())
    assert "já foi usado" in why(bia, link())
    Membership.objects.filter(user__email=BIA).delete()
    bia.post(link())
    assert not Membership.objects.filter(user__email=BIA).exists()
    assert Client().get(f"{link()}criar/")["Location"] == link()


def test_a_cancelled_link_says_so(client: Client, owner: Membership) -> None:
    invite(client)
    pk = Invitation.objects.get().pk
    page = client.post(f"/empresa/convites/{pk}/cancelar/", follow=True).content.decode()
    assert "Convites sem resposta" not in page
    assert "foi cancelado" in why(signed_in(), link())
    assert Invitation.history.first().history_user == owner.user


@pytest.mark.parametrize(("act", "asked"), [("tirar/", {}), ("", {"role": "viewer"})])
def test_who_is_no_owner_any_more_comes_back_by_no_invitation_of_their_own(
    client: Client, owner: Membership, act: str, asked: dict[str, str]
) -> None:
    second = make_membership(owner.business, Role.OWNER, confirm(make_user()))
    theirs = Client()
    theirs.force_login(second.user)
    support.confirm_again(theirs, second.user)
    invite(theirs, role="owner")
    path = link()
    invite(client, "caio@exemplo.com.br")
    client.post(f"{PAGE}{second.pk}/{act}", asked)
    bia = signed_in()
    assert "foi cancelado" in why(bia, path)
    bia.post(path)
    assert not Membership.objects.filter(user__email=BIA).exists()
    assert invitations.of_business(owner.business).get().email == "caio@exemplo.com.br"
    assert Invitation.history.filter(email=BIA).first().history_user == owner.user


def test_an_owner_who_stays_one_keeps_their_invitations(client: Client, owner: Membership) -> None:
    invite(client)
    make_membership(owner.business, Role.OWNER)
    client.post(f"{PAGE}{owner.pk}/", {"role": "owner"})
    assert invitations.of_business(owner.business).exists()


def test_who_is_removed_comes_back_by_no_invitation_to_them(
    client: Client, owner: Membership
) -> None:
    invite(client)
    bia = make_membership(owner.business, Role.VIEWER, make_user(BIA))
    client.post(f"{PAGE}{bia.pk}/tirar/")
    theirs = Client()
    theirs.force_login(bia.user)
    support.confirm_again(theirs, bia.user)
    theirs.post(link())
    assert not Membership.objects.filter(user=bia.user).exists()


def test_a_link_of_eight_days_ago_says_so_and_a_renewed_one_works(
    client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(client)
    made = Invitation.objects.get()
    past = timezone.now() - timedelta(days=8)
    Invitation.objects.filter(pk=made.pk).update(sent_at=past)
    with monkeypatch.context() as then:
        then.setattr("django.core.signing.time.time", past.timestamp)
        old = f"/convite/{invitations.key_of(made)}/"
    bia = signed_in()
    assert "venceu" in why(bia, old)
    bia.post(old)
    assert not Membership.objects.filter(user__email=BIA).exists()
    assert "venceu; reenvie" in client.get(PAGE).content.decode()
    client.post(f"/empresa/convites/{made.pk}/reenviar/")
    bia.post(link())
    assert Membership.objects.filter(user__email=BIA).exists()
    assert "venceu" in why(bia, old)


@pytest.mark.parametrize(
    "key", ["inventado", "a:b:c", "Mg:1xVrOM:4VLAh9rbUclhgcLdKaYSB602cxY8pGHaxgjLZS8ttPY"]
)
def test_a_made_up_link_says_that_it_is_broken(client: Client, key: str) -> None:
    assert "está incompleto" in why(client, f"/convite/{key}/")


def test_somebody_else_can_not_use_the_link(client: Client, owner: Membership) -> None:
    invite(client)
    other = signed_in("outra@exemplo.com.br")
    page = other.get(link()).content.decode()
    assert "Este convite é de outro e-mail" in page
    assert owner.business.name not in page
    assert BIA not in page
    other.post(link())
    assert Membership.objects.count() == 1
    assert Invitation.objects.get().accepted_at is None
    answer = other.post("/conta/sair/", {"next": link()})
    assert answer["Location"] == link()


def test_signing_up_twice_by_one_link_tells_by_mail_only(
    client: Client, owner: Membership, settings: object
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    invite(client)
    make_user(BIA)
    new = Client()
    form = {"name": "Bia", "password1": PASSWORD}
    page = new.post(f"{link()}criar/", form, follow=True)
    assert "Falta confirmar seu e-mail" in page.content.decode()
    assert mail.outbox[-1].subject == "Você já tem conta no blü"
    assert not Membership.objects.filter(user__email=BIA).exists()


def test_cancelled_while_the_form_was_open_creates_nobody(
    client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(client)
    made = Invitation.objects.get()
    real = invitations.accept

    def late(**asked: object) -> Membership:
        invitations.cancel(business=owner.business, pk=made.pk)
        return real(**asked)

    monkeypatch.setattr(invitations, "accept", late)
    new = Client()
    answer = new.post(f"{link()}criar/", {"name": "Bia", "password1": PASSWORD})
    assert answer["Location"] == link()
    assert not User.objects.filter(email=BIA).exists()
    assert not new.session.get("account_verified_email")


def test_a_form_that_is_sent_twice_at_once_signs_up_once(
    client: Client, owner: Membership, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    invite(client)
    real = InvitedForm.save

    def after_the_other(form: InvitedForm, request: HttpRequest) -> User:
        invitations.accept(key=link().split("/")[2], user=make_user(BIA))
        return real(form, request)

    monkeypatch.setattr(InvitedForm, "save", after_the_other)
    new = Client()
    answer = new.post(f"{link()}criar/", {"name": "Bia", "password1": PASSWORD})
    assert answer["Location"] == link()
    assert "já foi usado" in why(new, link())
    assert Membership.objects.filter(user__email=BIA).count() == 1


def test_inviting_twice_says_so_in_one_sentence(client: Client, owner: Membership) -> None:
    invite(client)
    assert "Este e-mail já tem um convite." in invite(client, BIA.upper())
    assert (len(mail.outbox), Invitation.objects.count()) == (1, 1)


def test_inviting_a_member_says_so_in_one_sentence(client: Client, owner: Membership) -> None:
    # As support may have typed it.
    User.objects.filter(pk=make_membership(owner.business, Role.VIEWER).user_id).update(
        email="Bia@exemplo.com.br"
    )
    assert "Esta pessoa já tem acesso." in invite(client)
    assert mail.outbox == []


def test_the_owner_never_learns_whether_an_address_has_an_account(
    client: Client, owner: Membership
) -> None:
    make_user("conhecida@exemplo.com.br")
    pages = [invite(client, f"{name}@exemplo.com.br") for name in ("conhecida", "nova")]
    assert "Convite enviado para conhecida@exemplo.com.br." in pages[0]
    assert "Convite enviado para nova@exemplo.com.br." in pages[1]
    bodies = [re.sub(r"/convite/\S+", "", str(message.body)) for message in mail.outbox]
    assert bodies[0] == bodies[1]


def test_an_accepted_invitation_never_changes_the_role_that_somebody_has(
    client: Client, owner: Membership
) -> None:
    invite(client, role="viewer")
    bia = make_membership(owner.business, Role.OWNER, make_user(BIA))
    theirs = Client()
    theirs.force_login(bia.user)
    support.confirm_again(theirs, bia.user)
    theirs.post(link())
    bia.refresh_from_db()
    assert bia.role == Role.OWNER
    assert Invitation.objects.get().accepted_at


def test_twenty_mails_a_day_are_enough(
    client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "DAILY", 3)
    invite(client)
    pk = Invitation.objects.get().pk
    client.post(f"/empresa/convites/{pk}/reenviar/")
    client.post(f"/empresa/convites/{pk}/cancelar/")
    invite(client, "c@exemplo.com.br")
    assert "Já foram 3 convites em 24 horas." in invite(client, "d@exemplo.com.br")
    second = make_membership(user=owner.user)
    there = second.business.address("member_list")
    assert "Já foram 3 convites" in invite(client, "d@exemplo.com.br", page=there)
    assert len(mail.outbox) == 3
    yesterday = timezone.now() - timedelta(hours=25)
    Invitation.history.update(sent_at=yesterday)
    assert "Convite enviado" in invite(client, "d@exemplo.com.br")


def test_a_mail_that_no_server_takes_leaves_the_invitation(
    client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SMTPException

    monkeypatch.setattr(invitations, "send_mail", refuse)
    assert "o e-mail não saiu" in invite(client)
    assert Invitation.objects.get().email == BIA


def test_an_answered_invitation_is_neither_sent_nor_cancelled(
    client: Client, owner: Membership
) -> None:
    invite(client)
    signed_in().post(link())
    pk = Invitation.objects.get().pk
    for act in ("reenviar", "cancelar"):
        page = client.post(f"/empresa/convites/{pk}/{act}/", follow=True).content.decode()
        assert "já tinha sido aceito ou cancelado" in page
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_invitations_of_several_businesses_at_once_are_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(invitations, "DAILY", 2)
    owner = confirm(make_membership().user)
    businesses = [make_membership(make_business(), user=owner).business for _ in range(4)]

    def invited(number: int) -> bool:
        asked = {"email": f"pessoa{number}@exemplo.com.br", "role": Role.VIEWER, "by": owner}
        try:
            return bool(invitations.invite(business=businesses[number], **asked))
        except Refused:
            return False

    at_once = [Beside(lambda number=number: invited(number)) for number in range(4)]
    assert [one.result() for one in at_once].count(True) == 2
