"""What the forms of the account say when something is amiss: in the page's language, beside its field."""

import re

import pytest
from django.core import mail

from blu.accounts.models import User
from tests.blu.accounts.test_sign_in import link_in
from tests.blu.accounts.test_sign_up import answers
from tests.clients import Client
from tests.factories import PASSWORD, make_membership, make_user

pytestmark = pytest.mark.django_db
SIGN_UP = "/conta/criar/"


def beside(page: str, field: str) -> list[str]:
    """The sentences tied to one field."""
    found = re.search(rf'<div id="id_{field}_error">(.*?)</div>', page, re.DOTALL)
    return re.findall(r"<span>(.*?)</span>", found[1]) if found else []


@pytest.mark.parametrize(
    ("field", "given", "said", "english"),
    [
        ("name", "", "Falta preencher.", "This field is required."),
        (
            "email",
            "x",
            "Confira o e-mail: ele é como nome@exemplo.com.br.",
            "Enter a valid email address.",
        ),
        (
            "email",
            f"{'a' * 250}@exemplo.com.br",
            "Este e-mail é comprido demais. Confira se está certo.",
            "This e-mail is too long. Check that it is right.",
        ),
        (
            "password1",
            "k7$xq",
            "Senha curta demais: use pelo menos 10 letras ou números.",
            "This password is too short. It must contain at least 10 characters.",
        ),
        (
            "password1",
            "qwertyuiop",
            "Muita gente usa esta senha. Escolha uma frase sua.",
            "This password is too common.",
        ),
        (
            "password1",
            "918273645546",
            "Só números é fácil de adivinhar. Use também palavras.",
            "This password is entirely numeric.",
        ),
        (
            "password1",
            "ana@exemplo.com",
            "A senha parece demais com o seu e-mail. Escolha outra.",
            "The password is too similar to the e-mail.",
        ),
        (
            "business_name",
            "a" * 81,
            "Cabem até 80 letras, e aqui há 81. Encurte.",
            "Ensure this value has at most 80 characters (it has 81).",
        ),
        (
            "time_zone",
            "X",
            "“X” não está na lista. Escolha uma das opções.",
            "Select a valid choice. X is not one of the available choices.",
        ),
    ],
)
def test_a_wrong_answer_in_sign_up_is_told_beside_its_field(
    client: Client, field: str, given: str, said: str, english: str
) -> None:
    for language, sentence in (("pt-br", said), ("en", english)):
        asked = answers(**{field: given})
        page = client.post(SIGN_UP, asked, headers={"Accept-Language": language})
        assert beside(page.content.decode(), field) == [sentence]
    assert not User.objects.exists()


def test_a_wrong_answer_in_a_new_password_is_told_beside_its_field(client: Client) -> None:
    user = make_user()
    client.post("/conta/senha/recuperar/", {"email": user.email})
    form = client.get(link_in(mail.outbox[0]), follow=True).redirect_chain[-1][0]
    given = {"password1": PASSWORD, "password2": "outra"}
    page = client.post(form, given).content.decode()
    assert beside(page, "password2") == ["As duas senhas não são iguais. Escreva de novo."]


@pytest.mark.parametrize(("given", "said"), [("", "Falta preencher."), ("x", "Confira o e-mail")])
def test_a_wrong_answer_in_a_forgotten_password_is_told_beside_its_field(
    client: Client, given: str, said: str
) -> None:
    page = client.post("/conta/senha/recuperar/", {"email": given}).content.decode()
    assert beside(page, "email")[0].startswith(said)


@pytest.mark.parametrize(("given", "said"), [("", "Falta preencher."), ("x", "Confira o e-mail")])
def test_a_wrong_new_address_is_told_beside_its_field(
    client: Client, given: str, said: str
) -> None:
    client.force_login(make_membership().user)
    page = client.post("/conta/email/", {"action_add": "", "email": given}).content.decode()
    assert beside(page, "email")[0].startswith(said)
