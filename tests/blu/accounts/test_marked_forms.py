"""Every form says for which business it was drawn, and none is carried out for another one."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from blu.accounts.middleware import FIELD, HEADER, PERSONAL
from tests import support
from tests.factories import make_membership
from tests.isolation import declared
from tests.isolation.world import World, all_rows, make_world

pytestmark = pytest.mark.django_db
OF_A_BUSINESS = [name for name in declared.ROUTES if not name.startswith(PERSONAL)]
PAGES = [name for name in OF_A_BUSINESS if not name.startswith("api_")]
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>.*?</form>', re.DOTALL)
# Where a form leads that is the person's own, whatever the business.
OWN = (reverse("account_logout"), reverse("set_language"), reverse("business_switch"))


@pytest.fixture
def world(client: Client) -> World:
    """The business that somebody of two looks at."""
    world = make_world("jabuticaba")
    make_membership(user=world.membership.user)
    client.force_login(world.membership.user)
    support.confirm_again(client, world.membership.user)
    return world


def address(world: World, route: str) -> str:
    keys = {name: world.keys[kind] for name, kind in declared.ROUTES[route].items()}
    return reverse(route, kwargs=keys)


def test_every_form_of_every_page_bears_its_business(client: Client, world: World) -> None:
    mark = f'name="{FIELD}" value="{world.membership.business_id}"'
    seen = 0
    for route in PAGES:
        answer = client.get(address(world, route))
        html = "" if answer.streaming else answer.content.decode("latin-1")
        for form in FORM.findall(html):
            seen += 1
            assert mark in form or any(f'action="{own}"' in form for own in OWN), (route, form)
    assert seen > len(PAGES)


@pytest.mark.parametrize("by_header", [True, False])
def test_nothing_written_for_another_business_is_carried_out(
    client: Client, world: World, by_header: bool
) -> None:
    other = world.membership.user.memberships.exclude(pk=world.membership.pk).get()
    before = all_rows()
    for route in OF_A_BUSINESS:
        drawn = str(other.business_id)
        data = {} if by_header else {FIELD: drawn}
        headers = {HEADER: drawn} if by_header else {}
        answer = client.post(address(world, route), data, headers=headers)
        assert answer.status_code == 409, route
    assert all_rows() == before
