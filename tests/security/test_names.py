"""No name says in our mails, or on our pages, what only we may say: one line, no links, in quotes."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Model
from django.urls import get_resolver, reverse

from blu.accounts import invitations
from blu.accounts.models import Membership, User
from blu.web.names import NameField, quoted, refuse_unless_a_name, unlinked
from tests import support
from tests.clients import Client
from tests.factories import PASSWORD, confirm, make_membership

ROOT: Path = settings.BASE
OURS = ("accounts", "contacts", "campaigns", "wa_sessions")
RECIPE = "Banco Horizonte\n\nURGENTE: seu acesso expira hoje. Confirme em\nhttps://evil.test/login"
HOSTILE = [
    RECIPE,
    "Banco\nURGENTE", "Banco\rURGENTE", "Banco\x0bURGENTE", "Banco\x85URGENTE",
    "Banco\u2028URGENTE", "Banco\u2029URGENTE", "Banco\x07", "Banco\x7f",
    "Banco \u202emoc.live", "Ban\u200bco", "Ban\u2066co", "\ufeffBanco", "Ban\u00adco",
    "https://evil.test", "HTTP://EVIL", "ftp://x", "evil://x",
    "www.evil.test", "Acesse WWW.evil",
    "evil.test/login", "Banco evil.test", "banco-horizonte.com.br", "(evil.xyz)", "evil.рф",
    "suporte@evil.test", "bit.ly/x", "t.co/x", "x.com", "10.0.0.1/login", "dr.evil.test", "dr.com",
    "evil．test", "evil。test", "ｗｗｗ.evil", "https：//evil",
]  # fmt: skip
NAMES = [
    "Clínica Horizonte", "Dr. João D'Ávila", "Dr.Silva", "dra.ana", "J.P. Souza", "Café & Cia.",
    "Irmãos S.A.", "Sta.Rita 24h", "Vacina 2.0", "Promoção 10.000", "Natal 24/12", "Ana 👩‍⚕️",
    "Retorno: março", "Cia.Ltda", "李 梅", "R$ 10,00 (à vista)", "“Aspas”", "A/C Maria",
]  # fmt: skip

CALLED = {"name", "title", "label"}
NO_NAMES = {
    "Contact": {"name"},  # in no mail; from spreadsheets
    "Node": {"name"},  # NODE of the environment
    "HomeArchive": {"name"},  # of a file
    "Turn": {"name"},  # of a lock, by our code
}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_that_says_more_than_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        refuse_unless_a_name(text)


@pytest.mark.parametrize("text", NAMES)
def test_a_name_as_people_write_them_is_taken(text: str) -> None:
    refuse_unless_a_name(text)


def fields_called_name() -> Iterator[Any]:
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                is_text = isinstance(field, models.CharField)
                if is_text and field.name in CALLED - NO_NAMES.get(model._meta.object_name, set()):
                    yield field


def test_every_field_of_a_name_is_one() -> None:
    found = list(fields_called_name())
    assert len(found) > 7
    assert [str(field) for field in found if not isinstance(field, NameField)] == []


MAILED = re.compile(r"{{(.*?)}}")
GIVEN = re.compile(r"(\w+)=(\S+?)(?=\s|%})")
# What only we write: links, moments, choices, sentences of ours; and addresses, which hold no space.
OUR_OWN = {
    "url", "password_reset_url", "activate_url", "signup_url", "new_password_url", "take_back_url",
    "timestamp|at", "until|at", "when", "ip", "role", "kept", "email", "deleted_email", "from_email",
    "to_email", "by.email", "done", "at|at",
}  # fmt: skip
HARMLESS = ("|quoted", "|unlinked")


def spoken(template: str) -> set[str]:
    """Everything that a mail's template puts in, a name given inside it by what it stands for."""
    given: dict[str, set[str]] = {}
    for head in re.findall(r"{% blocktranslate(.*?)%}", template):
        for name, value in GIVEN.findall(head):
            given.setdefault(name, set()).add(value)
    said = {one.strip() for one in MAILED.findall(template)}
    return set().union(*(given.get(one, {one}) for one in said)) if said else set()


def mails() -> list[Path]:
    return sorted((ROOT / "templates").rglob("email/*.txt"))


def test_every_mail_quotes_what_somebody_named() -> None:
    assert len(mails()) > 20
    loose = {
        f"{file.name}: {one}"
        for file in mails()
        for one in spoken(file.read_text())
        if one not in OUR_OWN and not one.endswith(HARMLESS)
    }
    assert loose == set()


def test_mails_are_sent_from_nowhere_that_the_last_test_does_not_see() -> None:
    senders = {
        str(file.relative_to(ROOT))
        for folder in ("blu", "campaigns", "contacts", "sessions")
        for file in (ROOT / folder).rglob("*.py")
        if re.search(
            r"\bsend_mail\(|EmailMessage|EmailMultiAlternatives|mail_(admins|managers)",
            file.read_text(),
        )
    }
    assert senders == {
        "blu/accounts/adapter.py",  # allauth's own, from templates of ours
        "blu/accounts/admin_staff.py",
        "blu/accounts/invitations.py",
        "campaigns/alerts/emails.py",
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_a_quoted_name_is_one_line_without_a_link(text: str) -> None:
    said = quoted(text)
    assert len(said.splitlines()) == 1
    assert not re.search(r"://|(?i:www)\.\S|[^\W\d_]\.[^\W\d_]", said.translate({ord("．"): "."}))
    assert said.startswith("“")
    assert said.endswith("”")


def test_a_quoted_name_can_not_close_its_quotes() -> None:
    assert quoted("Ana” convidou você. Clique em “sim") == "“Ana' convidou você. Clique em 'sim”"
    assert unlinked("Nada sai desde hoje às 9:58. Veja.") == "Nada sai desde hoje às 9:58. Veja."


@pytest.mark.parametrize(
    "number", ["0800 570 0011", "(21) 97777-0001", "+55.21.97777.0001", "0-8-0-0-5-7-0"]
)
def test_a_quoted_name_brings_no_number_to_call(number: str) -> None:
    assert (
        quoted(f"Banco ligue {number} hoje").strip("“”").split("…")[0].strip(" (") == "Banco ligue"
    )
    assert not re.search(r"\d", quoted(f"Banco ligue {number} hoje"))
    assert quoted("Farmácia 24h, desde 1998") == "“Farmácia 24h, desde 1998”"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["a\nb", "a\u2028b", "a\u202eb", "https://evil", "WWW.evil"])
def test_the_database_takes_no_such_name_whoever_writes_it(text: str) -> None:
    owner = make_membership()
    for row in (owner.user, owner.business):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(name=text)


@pytest.mark.django_db
def test_every_table_with_a_name_has_the_rule() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'c' AND convalidated "
            "AND pg_get_constraintdef(oid) LIKE '%%name%%~*%%u202e%%://%%'"
        )
        ruled = {table for (table,) in cursor.fetchall()}
    named = {field.model._meta.db_table for field in fields_called_name()}
    assert {table for table in named if "_historical" not in table} == ruled


# Fields of forms whose text is no name: searches, messages, proofs, secrets, numbers and dates.
FREE = {
    "q", "phone", "area_code", "default_area_code", "email", "login", "password", "password1",
    "password2", "oldpassword", "code", "credential", "body", "footer", "wording", "evidence",
    "reason", "description", "other_value", "raised_reason", "key", "uidb36", "text",
    "words", "username",  # taken out of allauth's form
    "typed", "end",  # compared, never kept: a business's name, the last digits of a number
    "note", "answer", "said",  # what a member writes down of a person's request
}  # fmt: skip


def own_forms() -> Iterator[type[forms.BaseForm]]:
    get_resolver().url_patterns  # noqa: B018  # every form is imported with the views
    for form in sorted(
        subclasses(forms.BaseForm), key=lambda one: f"{one.__module__}.{one.__qualname__}"
    ):
        package = form.__module__.split(".")[0]
        if (
            package in ("blu", "campaigns", "contacts", "sessions")
            and "admin" not in form.__module__
        ):
            yield form


def subclasses(kind: type) -> set[type]:
    direct: set[type] = set(kind.__subclasses__())
    return direct.union(*map(subclasses, direct)) if direct else direct


def test_every_field_of_every_form_that_takes_a_name_refuses_another_text() -> None:
    loose = []
    for form in own_forms():
        for name, field in form.base_fields.items():  # type: ignore[attr-defined]
            if type(field) is not forms.CharField or name in FREE:
                continue
            model = getattr(getattr(form, "_meta", None), "model", None)
            if model is not None and isinstance(model._meta.get_field(name), NameField):
                continue
            if (form.__name__, name) == ("ContactForm", "name"):
                continue
            if refuse_unless_a_name not in field.validators:
                loose.append(f"{form.__module__}.{form.__name__}.{name}")
    assert loose == []


@pytest.mark.django_db
@pytest.mark.parametrize("text", [RECIPE, "evil.test/login"])
@pytest.mark.parametrize("field", ["name", "business_name"])
def test_the_recipe_signs_nobody_up(client: Client, field: str, text: str) -> None:
    answers = {
        "name": "Ana", "business_name": "Clínica", "time_zone": "America/Sao_Paulo",
        "email": "ana@exemplo.com.br", "password1": PASSWORD,
    }  # fmt: skip
    client.post(reverse("account_signup"), {**answers, field: text})
    assert not User.objects.exists()


@pytest.mark.django_db
def test_no_account_has_an_address_that_reads_as_a_link(client: Client) -> None:
    """Who has no name invites by their address: evil.test/login@… convidou você."""
    answers = {
        "name": "Ana", "business_name": "Clínica", "time_zone": "America/Sao_Paulo",
        "email": "evil.test/login@exemplo.com.br", "password1": PASSWORD,
    }  # fmt: skip
    client.post(reverse("account_signup"), answers)
    assert not User.objects.exists()


POSTS = {
    "account_security": "name",
    "business_edit": "name",
    "business_new": "name",
    "topic_new": "name",
    "segment_new": "name",
    "template_new": "name",
    "campaign_new": "name",
    "session_new": "name",
}


@pytest.mark.django_db
@pytest.mark.parametrize("text", [RECIPE, "evil.test/login", "www.evil"])
@pytest.mark.parametrize("name", POSTS)
def test_the_recipe_is_refused_on_every_page_that_names_something(
    client: Client, owner: Membership, name: str, text: str
) -> None:
    more = {"body": "Oi", "time_zone": "America/Sao_Paulo", "terms": "on", "description": "Avisos"}
    mine = name.startswith("account_") or name == "business_new"
    address = reverse(name) if mine else owner.business.address(name)
    before = named()
    page = client.post(address, {**more, POSTS[name]: text})
    assert page.status_code == 200
    assert named() == before
    client.post(address, {**more, POSTS[name]: "Um nome de verdade"})
    assert named() != before


def named() -> set[tuple[str, str]]:
    kinds: set[type[Model]] = {field.model for field in fields_called_name()}
    kinds = {kind for kind in kinds if not kind.__name__.startswith("Historical")}
    return {
        (kind.__name__, str(name))
        for kind in kinds
        for name in kind._default_manager.values_list("name", flat=True)
    }


@pytest.mark.django_db
def test_the_api_takes_no_such_name(client: Client, owner: Membership) -> None:
    answer = client.post("/api/v1/templates/", {"name": RECIPE, "body": "Oi"})
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["a-" * 400_000, "a" * 400_000, "_-" * 400_000, "a." * 400_000])
def test_a_name_of_any_length_is_read_once(text: str) -> None:
    """From each letter anew it would take hours: whoever is asked for a name may send a whole request of it."""
    with suppress(ValidationError):
        refuse_unless_a_name(text)


@pytest.mark.parametrize(
    "name", ["_evil.test", "-evil.test", "a-b.com", "a_b.evil.test", "x.-y.evil.test"]
)
def test_no_dash_before_it_hides_a_site(name: str) -> None:
    with pytest.raises(ValidationError):
        refuse_unless_a_name(name)


@pytest.mark.django_db
def test_an_invitation_says_whose_words_are_whose(client: Client, owner: Membership) -> None:
    User.objects.filter(pk=owner.user_id).update(name="Ana” pediu seu código. “")
    client.post("/empresa/pessoas/", {"email": "bia@exemplo.com.br", "role": "viewer"})
    (message,) = mail.outbox
    first = str(message.body).splitlines()[0]
    assert first.startswith(
        "“Ana' pediu seu código. '” convidou você para o blü de “Clínica Horizonte”."
    )
    assert message.subject == "“Clínica Horizonte” convidou você para o blü"


@pytest.mark.django_db
def test_nobody_invites_before_confirming_their_own_address(client: Client) -> None:
    owner = make_membership()
    client.force_login(owner.user)
    support.confirm_again(client, owner.user)
    asked = {"email": "bia@exemplo.com.br", "role": "viewer"}
    page = client.post("/empresa/pessoas/", asked)
    assert "Confirme antes o e-mail da sua conta" in page.content.decode()
    assert mail.outbox == []
    confirm(owner.user)
    client.post("/empresa/pessoas/", asked)
    assert len(mail.outbox) == 1
    assert invitations.of_business(owner.business).count() == 1
