"""Addresses that only take forms lead a person to the page above them."""

import pytest

from tests.factories import make_campaign
from tests.isolation import declared
from tests.isolation.world import make_world
from tests.test_isolation import NOT_YET_WRITTEN

pytestmark = pytest.mark.django_db
PERSON = {"Accept": "text/html,application/xhtml+xml"}


def test_address_that_only_takes_forms_leads_to_the_page_above(client, owner):
    draft = make_campaign(owner.business)
    answer = client.get(f"/campanhas/{draft.pk}/lancar/", headers=PERSON)
    assert (answer.status_code, answer.url) == (
        302,
        owner.business.address("campaign_detail", draft.pk),
    )
    assert client.get("/importacoes/1/iniciar/", headers=PERSON).url == owner.business.address(
        "import_detail", 1
    )


@pytest.mark.parametrize("headers", [{}, PERSON | {"HX-Request": "true"}])
def test_programs_and_fragments_are_told_what_is_wrong(client, owner, headers):
    draft = make_campaign(owner.business)
    answer = client.get(f"/campanhas/{draft.pk}/lancar/", headers=headers)
    assert answer.status_code == 405


def test_no_address_of_a_business_shows_a_person_an_empty_page(client):
    world = make_world("jabuticaba")
    client.force_login(world.membership.user)
    led = 0
    for route in declared.ROUTES:
        if route.startswith("api_") or route in NOT_YET_WRITTEN:
            continue
        address = world.address(route)
        answer = client.get(address, headers=PERSON)
        if answer.status_code == 302 and client.get(address).status_code == 405:
            led += 1
            answer = client.get(address, headers=PERSON, follow=True)
        assert answer.status_code in (200, 302), route
    assert led
