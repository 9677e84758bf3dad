"""Addresses that only take forms lead a person to the page above them."""

import pytest

from tests.factories import make_campaign

pytestmark = pytest.mark.django_db
PERSON = {"Accept": "text/html,application/xhtml+xml"}


def test_address_that_only_takes_forms_leads_to_the_page_above(client, owner):
    draft = make_campaign(owner.business)
    answer = client.get(f"/campanhas/{draft.pk}/lancar/", headers=PERSON)
    assert (answer.status_code, answer.url) == (302, f"/campanhas/{draft.pk}/")
    assert client.get("/importacoes/1/iniciar/", headers=PERSON).url == "/importacoes/1/"


@pytest.mark.parametrize("headers", [{}, PERSON | {"HX-Request": "true"}])
def test_programs_and_fragments_are_told_what_is_wrong(client, owner, headers):
    draft = make_campaign(owner.business)
    answer = client.get(f"/campanhas/{draft.pk}/lancar/", headers=headers)
    assert answer.status_code == 405
