"""The spreadsheet of a campaign's recipients."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django_q.models import OrmQ
from openpyxl import load_workbook

from blu.accounts.models import Membership
from campaigns import exports
from campaigns.models import Campaign
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(owner: Membership) -> Campaign:
    return make_campaign(owner.business, name="Agenda de dezembro", status="running")


def rows(content: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def download(client: Client, campaign: Campaign) -> bytes:
    response = client.get(f"/campanhas/{campaign.pk}/planilha.xlsx")
    assert response.status_code == 200
    assert (
        response.headers["Content-Disposition"] == 'attachment; filename="agenda-de-dezembro.xlsx"'
    )
    return b"".join(response.streaming_content)


def test_every_recipient_is_a_row_with_state_reason_and_times(client, campaign):
    make_delivery(
        campaign,
        make_contact(campaign.business, "Lúcia Prado", phone="+5511987654321"),
        status="read",
    )
    make_delivery(
        campaign,
        make_contact(campaign.business, "João Müller"),
        status="failed",
        reason="not_on_whatsapp",
    )
    make_delivery(make_campaign(make_business(), status="running"))
    head, lucia, joao = rows(download(client, campaign))
    assert head[:4] == ("Nome", "Telefone", "Situação", "Motivo")
    assert lucia[:3] == ("Lúcia Prado", "(11) 98765-4321", "lido")
    assert lucia[7] is not None
    assert joao[0] == "João Müller"
    assert joao[2:4] == ("falhou", "o número não tem WhatsApp")


@pytest.mark.parametrize(
    "name", ["=1+1", '=HYPERLINK("http://x")', "+55", "-1", "@SUM(A1)", "{=1}", "http://x.com"]
)
def test_name_that_looks_like_a_formula_stays_text(client, campaign, name):
    make_delivery(campaign, make_contact(campaign.business, name))
    content = download(client, campaign)
    assert rows(content)[1][0] == name
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<f " not in sheet
    assert b"hyperlink" not in sheet


def test_campaign_without_recipients_gives_only_the_titles(client, campaign):
    assert len(rows(download(client, campaign))) == 1


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(campaign, monkeypatch):
    monkeypatch.setattr(exports, "SHEET", 2)
    for n in range(5):
        make_delivery(campaign, make_contact(campaign.business, f"P{n}"))
    with exports.now(campaign) as content:
        book = load_workbook(content)
    assert [sheet.max_row for sheet in book.worksheets] == [3, 3, 2]


def test_huge_campaign_is_written_by_the_jobs_cluster(client, campaign, monkeypatch):
    monkeypatch.setattr(exports, "WHILE_WAITING", 1)
    Campaign.objects.filter(pk=campaign.pk).update(recipients=2)
    make_delivery(campaign, make_contact(campaign.business, "Lúcia Prado"))
    for _each in range(2):
        page = client.get(f"/campanhas/{campaign.pk}/planilha.xlsx", follow=True).content.decode()
        assert "está sendo preparada" in page
    assert OrmQ.objects.count() == 1
    exports.write(campaign.pk)
    assert rows(download(client, campaign))[1][0] == "Lúcia Prado"
    default_storage.delete(f"exports/campaign-{campaign.pk}.xlsx")
