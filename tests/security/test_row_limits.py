"""What pages show whole is limited by the number of rows a business may have."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse

from blu.accounts import services
from blu.accounts.invitations import PEOPLE_MOST
from blu.accounts.models import Business, Invitation, Membership
from blu.db.row_limits import Limited
from campaigns.models import Template
from contacts.models import Segment, Topic
from contacts.people.segment_forms import CONDITIONS_MOST
from contacts.spreadsheets.cells import MAX_TAGS
from sessions.models import WhatsAppSession
from tests import factories
from tests.clients import Client
from tests.isolation.world import APPS

pytestmark = pytest.mark.django_db

# Kinds that grow with what a business does; their pages go by keyset, or show the newest only.
GROWING = {
    "accounts.Invitation": "PEOPLE_MOST open ones",
    "accounts.Membership": "PEOPLE_MOST with the open invitations",
    "contacts.Contact": "a million; contact_list goes by keyset",
    "contacts.Import": "import_list shows the newest",
    "contacts.ConsentWording": "one for each import or consent, on no list",
    "contacts.Subscription": "one for each contact and topic",
    "contacts.Consent": "one person's are shown at a time",
    "campaigns.Campaign": "campaign_list goes by keyset",
    "campaigns.Notice": "on no list",
    "campaigns.Reply": "reply_list goes by keyset",
    "campaigns.Hold": "one for each person in doubt; hold_list shows the newest",
    "contacts.OptInText": "one for each wording of a page; optin_share shows the newest of each topic",
    "contacts.OptIn": "one for each request on a page, on no list",
    "contacts.PreferenceChange": "one for each change on a person's own page, on no list",
    "contacts.Stop": "one for each number, LID or name, on no list",
    "contacts.PersonRequest": "one open for each person and kind, on a list with an end",
    "contacts.RetentionRun": "one a night, of four hundred days",
    "contacts.Retention": "one",
    "contacts.Erasure": "one for each person who asked, on no list",
    "contacts.ErasedConsent": "what erased people had agreed to, on no list",
}


def test_every_kind_of_row_of_a_business_is_limited_or_said_to_grow() -> None:
    found = {
        model._meta.label
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        if any(field.related_model is Business for field in model._meta.fields)
        and not issubclass(model, Limited)
        and not model.__name__.startswith("Historical")
    }
    assert found == set(GROWING)


def full_of(model: type[Limited], business: Business) -> None:
    """As many rows as the business may have."""
    more: dict[str, Any] = {"body": "Olá"} if model is Template else {}
    rows = [model(business=business, name=f"n{n}", **more) for n in range(model.MOST)]
    if model is WhatsAppSession:
        for row in rows:
            factories.make_session(business, name=row.name)
    else:
        model._default_manager.bulk_create(rows)


def test_the_last_row_that_fits_is_made(client: Client, owner: Membership) -> None:
    full_of(Topic, owner.business)
    Topic.objects.filter(business=owner.business).first().delete()  # type: ignore[union-attr]
    assert client.post(owner.business.address("topic_new"), {"name": "Último"}).status_code == 302
    assert "até 50 assuntos" in said(
        client.post(owner.business.address("topic_new"), {"name": "Mais um"})
    )


def said(answer: Any) -> str:
    return str(answer.content.decode())


def by_page(route: str, **data: Any) -> Callable[[Client, Membership], Any]:
    return lambda client, owner: client.post(owner.business.address(route), data, follow=True)


def by_the_composer(client: Client, owner: Membership) -> Any:
    draft = factories.make_campaign(owner.business, body="Outro texto")
    data = {"name": draft.name, "body": draft.body, "acao": "guardar"}
    return client.post(owner.business.address("campaign_edit", draft.pk), data, follow=True)


def by_a_copy(client: Client, owner: Membership) -> Any:
    one = Template.objects.filter(business=owner.business).first()
    assert one is not None
    return client.post(owner.business.address("template_duplicate", one.pk), follow=True)


def by_the_api(client: Client, owner: Membership) -> Any:
    data = {"name": "x", "body": "Olá"}
    return client.post(
        owner.business.address("api_template-list"), data, content_type="application/json"
    )


DOORS = [
    (Topic, by_page("topic_new", name="x")),
    (Segment, by_page("segment_new", name="x")),
    (Template, by_page("template_new", name="x", body="Olá")),
    (Template, by_the_composer),
    (Template, by_a_copy),
    (Template, by_the_api),
    (WhatsAppSession, by_page("session_new", name="x", terms="on")),
]


@pytest.mark.parametrize(("model", "door"), DOORS)
def test_no_door_leads_beyond_the_limit_and_each_says_so(
    client: Client, owner: Membership, model: type[Limited], door: Any
) -> None:
    full_of(model, owner.business)
    answer = door(client, owner)
    assert answer.status_code in (200, 400)
    assert f"até {model.MOST} " in said(answer)
    assert model._default_manager.filter(business=owner.business).count() == model.MOST


@pytest.mark.parametrize("model", Limited.__subclasses__())
def test_no_code_leads_beyond_the_limit(owner: Membership, model: type[Limited]) -> None:
    full_of(model, owner.business)
    with pytest.raises(ValidationError):
        model._default_manager.create(business=owner.business, name="x")
    other = factories.make_business()
    model._default_manager.create(business=other, name="x")


def test_a_row_of_a_full_business_is_changed_all_the_same(owner: Membership) -> None:
    full_of(Topic, owner.business)
    topic = Topic.objects.filter(business=owner.business).first()
    assert topic is not None
    topic.name = "Outro nome"
    topic.full_clean()
    topic.save()


def test_a_business_has_so_many_people_with_the_invited(client: Client, owner: Membership) -> None:
    Invitation.objects.bulk_create(
        Invitation(
            business=owner.business, email=f"p{n}@x.com", role="viewer", invited_by=owner.user
        )
        for n in range(PEOPLE_MOST - 1)
    )
    Invitation.objects.update(sent_at="2020-01-01T00:00:00Z")
    data = {"email": "mais@exemplo.com.br", "role": "viewer"}
    answer = client.post(owner.business.address("member_list"), data, follow=True)
    assert "até 100 pessoas" in said(answer)
    assert Invitation.objects.count() == PEOPLE_MOST - 1


def test_a_person_has_so_many_businesses(client: Client, owner: Membership) -> None:
    for n in range(services.BUSINESSES_MOST - 1):
        factories.make_membership(factories.make_business(f"Negócio {n}"), user=owner.user)
    data = {"name": "Mais um", "time_zone": "America/Sao_Paulo", "default_area_code": ""}
    answer = client.post(reverse("business_new"), data)
    assert "até 20 negócios" in said(answer)
    assert not Business.objects.filter(name="Mais um").exists()


def test_a_segment_has_so_many_conditions_as_its_page_can_offer(client: Client) -> None:
    """Each is a list of every value there is: 180 of them took five seconds and 2 MB each time."""
    owner = factories.make_membership(role="owner")
    client.force_login(owner.user)
    names = [f"dado_{n}" for n in range(CONDITIONS_MOST + 1)]
    factories.make_contact(owner.business, attributes=dict.fromkeys(names, "sim"))
    asked = {f"condition{n}": f'["{name}", "sim"]' for n, name in enumerate(names)}
    kept = {"attributes": dict.fromkeys(names[:-1], "sim")}
    segment = Segment.objects.create(business=owner.business, name="Cheio", filter=kept)
    page = owner.business.address("segment_edit", segment.pk)
    more = {"name": "Cheio", **asked, "other_name": names[-1], "other_value": "sim"}
    answer = client.post(page, more)
    assert "Um público tem até 10 condições" in answer.content.decode()
    segment.refresh_from_db()
    assert segment.filter == kept
    assert client.post(page, {"name": "Cheio", **asked}).status_code == 302


def test_a_segment_asks_for_no_more_tags_than_a_contact_has(client: Client) -> None:
    owner = factories.make_membership(role="owner")
    client.force_login(owner.user)
    tags = [f"t{n}" for n in range(MAX_TAGS + 1)]
    factories.make_contact(owner.business, tags=tags)
    answer = client.post(owner.business.address("segment_new"), {"name": "Cheio", "tags": tags})
    assert "Um público tem até 20 etiquetas" in answer.content.decode()
    assert not Segment.objects.exists()
