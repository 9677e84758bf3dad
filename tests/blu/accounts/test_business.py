"""The business: created, changed, switched; whose it is on each request."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blu.accounts.models import Business, Membership, Role
from blu.accounts.services import create_business
from blu.web import dates
from tests.factories import make_business, make_membership, make_user

pytestmark = pytest.mark.django_db


def test_a_new_business_is_shown_at_once(client: Client) -> None:
    membership = make_membership()
    client.force_login(membership.user)
    page = client.post(
        "/empresa/nova/",
        {"name": "Segunda Clínica", "time_zone": "America/Manaus", "default_area_code": ""},
        follow=True,
    )
    assert page.context["request"].business.name == "Segunda Clínica"


def test_the_owner_changes_the_data_of_the_business(client: Client) -> None:
    membership = make_membership()
    client.force_login(membership.user)
    form = {"name": "Novo Nome", "time_zone": "America/Rio_Branco", "default_area_code": "68"}
    page = client.post("/empresa/", form, follow=True)
    assert "Dados do negócio salvos." in page.content.decode()
    membership.business.refresh_from_db()
    assert membership.business.time_zone == "America/Rio_Branco"
    assert membership.business.default_area_code == "68"


def test_switching_changes_what_every_page_shows(client: Client) -> None:
    user = make_user()
    first = make_membership(make_business("Primeira"), user=user)
    second = make_membership(make_business("Segunda"), user=user)
    client.force_login(user)
    assert client.get("/").context["request"].business == first.business
    client.post("/empresa/trocar/", {"business": second.business.pk})
    assert client.get("/").context["request"].business == second.business


def test_form_of_one_business_is_not_saved_in_another(client: Client) -> None:
    user = make_user()
    first = make_membership(make_business("Primeira"), user=user)
    second = make_membership(make_business("Segunda"), user=user)
    client.force_login(user)
    form = {"name": "Novo nome", "time_zone": "America/Manaus", "default_area_code": ""}
    page = client.get("/empresa/").content.decode()
    assert f'name="negocio" value="{first.business_id}"' in page
    assert f'"X-Business": "{first.business_id}"' in page
    client.post("/empresa/trocar/", {"business": second.business_id})
    refused = client.post("/empresa/", form | {"negocio": first.business_id})
    assert refused.status_code == 409
    said = refused.content.decode()
    assert "A página que você usou é de Primeira, e agora você está em Segunda." in said
    assert "Trocar para Primeira" in said
    header = client.post("/empresa/", form, headers={"X-Business": str(first.business_id)})
    assert header.status_code == 409
    assert not Business.objects.filter(name="Novo nome").exists()
    client.post("/empresa/trocar/", {"business": first.business_id, "negocio": first.business_id})
    assert client.post("/empresa/", form | {"negocio": first.business_id}).status_code == 302
    first.business.refresh_from_db()
    assert first.business.name == "Novo nome"


def test_form_of_a_business_that_one_has_left_names_it_to_nobody(client: Client) -> None:
    user = make_user()
    for name in ("Primeira", "Segunda"):
        make_membership(make_business(name), user=user)
    left = make_business("Deixada")
    client.force_login(user)
    refused = client.post("/empresa/", {"name": "X", "negocio": left.pk})
    assert refused.status_code == 409
    assert "Deixada" not in refused.content.decode()


def test_form_drawn_before_there_was_a_second_business_is_not_saved_in_it(client: Client) -> None:
    first = make_membership(make_business("Primeira"))
    client.force_login(first.user)
    form = {"name": "Novo nome", "time_zone": "America/Manaus", "default_area_code": ""}
    assert f'name="negocio" value="{first.business_id}"' in client.get("/empresa/").content.decode()
    client.post("/empresa/nova/", form | {"name": "Segunda"})
    assert client.post("/empresa/", form | {"negocio": first.business_id}).status_code == 409
    assert not Business.objects.filter(name="Novo nome").exists()


def test_form_of_a_business_that_one_has_left_is_not_saved_in_the_only_other(
    client: Client,
) -> None:
    only = make_membership(make_business("Única"))
    left = make_business("Deixada")
    client.force_login(only.user)
    form = {"name": "Novo nome", "time_zone": "America/Manaus", "default_area_code": ""}
    assert client.post("/empresa/", form | {"negocio": left.pk}).status_code == 409
    only.business.refresh_from_db()
    assert only.business.name == "Única"


@pytest.mark.parametrize("wanted", ["", "abc", "0"])
def test_switching_to_nothing_is_a_404(client: Client, wanted: str) -> None:
    client.force_login(make_membership().user)
    assert client.post("/empresa/trocar/", {"business": wanted}).status_code == 404


def test_switching_to_somebody_elses_business_is_a_404(client: Client) -> None:
    other = make_business("De outra pessoa")
    membership = make_membership()
    client.force_login(membership.user)
    assert client.post("/empresa/trocar/", {"business": other.pk}).status_code == 404
    assert client.get("/").context["request"].business == membership.business


def test_a_choice_is_forgotten_when_the_membership_ends(client: Client) -> None:
    user = make_user()
    first = make_membership(make_business("Primeira"), user=user)
    second = make_membership(make_business("Segunda"), user=user)
    client.force_login(user)
    client.post("/empresa/trocar/", {"business": second.business.pk})
    second.delete()
    assert client.get("/").context["request"].business == first.business


def test_hours_are_told_where_the_business_is(client: Client) -> None:
    membership = make_membership(make_business(time_zone="America/Rio_Branco"))
    client.force_login(membership.user)
    before = greeting_in(membership.business)
    page = client.get("/")
    # The hour may strike between them.
    assert page.context["hello"].startswith((before, greeting_in(membership.business)))


def greeting_in(business: Business) -> str:
    with timezone.override(business.zone):
        return dates.greeting(timezone.now())


def test_a_name_of_signs_only_still_gets_a_slug() -> None:
    business = create_business(owner=make_user(), name="★★★")
    assert business.slug == "negocio"


def test_a_business_is_never_left_without_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Membership.objects, "create", fail)
    with pytest.raises(RuntimeError):
        create_business(owner=make_user(), name="Clínica")
    assert not Business.objects.exists()


def test_everybody_with_access_is_listed_with_their_role(client: Client) -> None:
    membership = make_membership()
    make_membership(membership.business, Role.VIEWER, make_user(name="Caio Lima"))
    client.force_login(membership.user)
    page = client.get("/empresa/").content.decode()
    assert "Caio Lima" in page
    assert str(Role.VIEWER.label) in page


def test_a_person_and_their_places_are_one_question_of_a_page(
    client: Client, owner: Membership
) -> None:
    make_membership(user=owner.user, role=Role.VIEWER)
    with CaptureQueriesContext(connection) as asked:
        request = client.get("/empresa/trocar/").wsgi_request
    about = [query["sql"] for query in asked if "accounts_membership" in query["sql"]]
    assert len(about) == 1
    assert not [query["sql"] for query in asked if 'FROM "accounts_user"' in query["sql"]]
    assert (request.membership, len(request.memberships)) == (owner, 2)
