"""The API of campaigns: its own business's rows, numbers by keyset, templates as on the page."""

from base64 import b64encode
from urllib.parse import urlencode

import pytest

from campaigns.models import Template
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
    make_template,
)

pytestmark = pytest.mark.django_db


def test_campaign_its_report_and_its_deliveries(client, owner):
    campaign = make_campaign(owner.business, status="running")
    lucia = make_delivery(campaign, make_contact(owner.business), status="read")
    make_delivery(campaign)
    listed = client.get("/api/v1/campaigns/").json()["results"]
    assert [one["id"] for one in listed] == [campaign.pk]
    assert client.get(f"/api/v1/campaigns/{campaign.pk}/report/").json()["read"] == 1
    rows = client.get(f"/api/v1/campaigns/{campaign.pk}/deliveries/?status=read").json()["results"]
    assert [row["id"] for row in rows] == [lucia.pk]


def test_deliveries_go_on_by_a_cursor(client, owner):
    campaign = make_campaign(owner.business, status="running")
    rows = [make_delivery(campaign) for _each in range(3)]
    first = client.get(f"/api/v1/campaigns/{campaign.pk}/deliveries/?page_size=2").json()
    second = client.get(first["next"]).json()
    assert [row["id"] for row in first["results"] + second["results"]] == [row.pk for row in rows]


def test_foreign_rows_are_not_found(client, owner):
    campaign = make_campaign(make_business(), status="running")
    template = make_template(campaign.business)
    for path in (
        f"campaigns/{campaign.pk}/",
        f"campaigns/{campaign.pk}/report/",
        f"campaigns/{campaign.pk}/deliveries/",
        f"templates/{template.pk}/",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 404
    for path in ("campaigns", "templates", "replies"):
        assert client.get(f"/api/v1/{path}/").json()["results"] == []


def test_template_is_written_into_the_callers_business(client, owner):
    response = client.post(
        "/api/v1/templates/", {"name": "Oi", "body": "Oi, {{nome}}"}, "application/json"
    )
    assert response.status_code == 201
    assert Template.objects.get().business == owner.business


def test_wrong_variable_and_taken_name_are_refused(client, owner):
    make_template(owner.business, name="Oi")
    response = client.post(
        "/api/v1/templates/", {"name": "oi", "body": "{{nmoe}}"}, "application/json"
    )
    assert response.status_code == 400
    assert "Linha 1, coluna 1" in response.json()["body"][0]
    assert "Já existe" in response.json()["name"][0]


def test_viewer_reads_and_writes_nothing(client, owner):
    client.force_login(make_membership(owner.business, "viewer").user)
    assert client.get("/api/v1/templates/").status_code == 200
    assert (
        client.post(
            "/api/v1/templates/", {"name": "Oi", "body": "Oi"}, "application/json"
        ).status_code
        == 403
    )


def test_campaign_is_read_only(client, owner):
    campaign = make_campaign(owner.business)
    for method in (client.put, client.patch, client.delete):
        assert method(f"/api/v1/campaigns/{campaign.pk}/").status_code == 405


@pytest.mark.parametrize("position", ["abc", "1" * 40, "-1", "²"])
@pytest.mark.parametrize("list_of", ["campaigns", "templates", "replies", "sessions"])
def test_a_cursor_that_is_none_of_ours_is_refused(client, owner, list_of, position):
    made_up = b64encode(urlencode({"p": position}).encode()).decode()
    assert client.get(f"/api/v1/{list_of}/", {"cursor": made_up}).status_code == 404
