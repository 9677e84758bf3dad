"""A template's rules stand once: the page and the API refuse the same things, each in its own form."""

import pytest
from django.test import Client

from blu.accounts.models import Membership
from blu.accounts.refused import Refused
from campaigns.messages import templates
from campaigns.messages.forms import TemplateForm
from campaigns.messages.templates import TemplateRefusal
from campaigns.models import Template
from tests.factories import make_campaign, make_template

pytestmark = pytest.mark.django_db

REFUSED = [
    ("Lembrete", "Olá, {{nome"),
    ("Lembrete", "Olá, {{inexistente}}"),
    ("Lembrete", "x" * 4_097),
    ("oi", "Olá!"),
]


@pytest.fixture
def known(owner: Membership) -> Template:
    return make_template(owner.business, name="Oi", body="Oi")


@pytest.mark.parametrize(("name", "body"), REFUSED)
def test_page_and_api_refuse_the_same_templates_in_the_same_words(
    client: Client, known: Template, name: str, body: str
) -> None:
    form = TemplateForm({"name": name, "body": body}, business=known.business)
    answer = client.post("/api/v1/templates/", {"name": name, "body": body}, "application/json")
    assert answer.status_code == 400
    assert form.errors
    if len(body) < 4_097:  # beyond its limit the API's own field is the first to say no
        assert answer.json() == form.errors
    assert Template.objects.count() == 1


def test_lines_are_counted_and_kept_alike_whoever_sent_them(
    client: Client, owner: Membership
) -> None:
    text = {"name": "Oi", "body": "Oi,\r\n\r\n{{nome}}"}
    assert client.post("/api/v1/templates/", text, "application/json").status_code == 201
    assert Template.objects.get().body == "Oi,\n\n{{nome}}"


def test_one_template_too_many_is_refused_by_every_door(
    client: Client, known: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Template, "MOST", 1)
    with pytest.raises(Refused) as copied:
        templates.duplicate_template(template=known)
    with pytest.raises(Refused) as saved:
        templates.save_as_template(campaign=make_campaign(known.business), name="Outro")
    assert {copied.value.code, saved.value.code} == {TemplateRefusal.FULL}
    assert str(saved.value).startswith("Um negócio tem até 1 modelos.")
    answer = client.post("/api/v1/templates/", {"name": "x", "body": "x"}, "application/json")
    assert answer.json() == [str(saved.value)]
    new = Template(business=known.business)
    form = TemplateForm({"name": "x", "body": "x"}, instance=new, business=known.business)
    assert not form.is_valid()
