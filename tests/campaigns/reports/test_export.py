"""The spreadsheet of a campaign's recipients."""

import io
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from openpyxl import load_workbook

from blu.accounts.models import Membership
from blu.jobs.prepared_files import NOT_THERE
from campaigns.models import Campaign, Delivery, Reply
from campaigns.reports import export_sheet, exports
from contacts.models import Subscription
from tests.clients import Client
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(owner: Membership) -> Campaign:
    return make_campaign(owner.business, name="Agenda de dezembro", status="running")


def rows(content: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def download(client: Client, campaign: Campaign) -> bytes:
    export_sheet.export(campaign.pk, "pt-br")
    response = client.get(f"/campanhas/{campaign.pk}/planilha.xlsx")
    assert response.status_code == 200
    assert (
        response.headers["Content-Disposition"] == 'attachment; filename="agenda-de-dezembro.xlsx"'
    )
    return b"".join(response.streaming_content)


def answer(delivery: Delivery, text: str, at: datetime, kind: str = "message") -> None:
    Reply.objects.create(
        business_id=delivery.business_id,
        session_id=delivery.session_id,
        message_id=f"in-{Reply.objects.count()}",
        phone=delivery.phone,
        contact=delivery.contact,
        delivery=delivery,
        kind=kind,
        text=text,
        at=at,
    )
    Delivery.objects.filter(pk=delivery.pk, replied_at=None).update(replied_at=at)


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
    assert isinstance(lucia[7], datetime)
    assert joao[0] == "João Müller"
    assert joao[2:4] == ("falhou", "o número não tem WhatsApp")


def test_moments_are_dates_at_the_clock_of_the_business(client, campaign):
    campaign.business.time_zone = "America/Manaus"
    campaign.business.save()
    delivery = make_delivery(campaign, status="sent")
    sent_at = datetime(2026, 11, 24, 2, 30, 15, 999, tzinfo=ZoneInfo("UTC"))
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=sent_at)
    content = download(client, campaign)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cell = next(cell for cell in sheet[2] if sheet.cell(1, cell.column).value == "Enviado")
    assert cell.value == datetime(2026, 11, 23, 22, 30, 15)
    assert cell.is_date
    assert cell.number_format == "dd/mm/yyyy hh:mm:ss"


def row_of(client: Client, campaign: Campaign) -> dict[object, object]:
    titles, cells = rows(download(client, campaign))
    return dict(zip(titles, cells, strict=True))


def test_first_answer_stands_with_its_own_time_and_when_they_left(client, campaign):
    delivery = make_delivery(campaign, status="read")
    Subscription.objects.update(since=datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")))
    start = datetime(2026, 11, 24, 15, tzinfo=ZoneInfo("America/Sao_Paulo"))
    answer(delivery, "Não me escreva mais", start + timedelta(minutes=2), "stop")
    # Heard later, written earlier.
    answer(delivery, "Quem é?", start)
    row = row_of(client, campaign)
    assert (row["Resposta"], row["Respondeu"]) == ("Quem é?", datetime(2026, 11, 24, 15))
    assert row["Saiu em"] == datetime(2026, 11, 24, 15, 2)
    assert row["Voltou em"] is None
    Subscription.objects.update(since=start + timedelta(minutes=9))
    assert row_of(client, campaign)["Voltou em"] == datetime(2026, 11, 24, 15, 9)


def test_who_did_not_answer_has_no_answer_of_somebody_else(client, campaign):
    answer(
        make_delivery(campaign, make_contact(campaign.business, "Ana")), "Quero!", timezone.now()
    )
    make_delivery(campaign, make_contact(campaign.business, "Bia"))
    titles, ana, bia = rows(download(client, campaign))
    assert ana[titles.index("Resposta")] == "Quero!"
    assert bia[titles.index("Resposta") :] == (None, None, None)


def test_answer_that_looks_like_a_formula_stays_text(client, campaign):
    answer(make_delivery(campaign), '=HYPERLINK("http://x")', timezone.now())
    content = download(client, campaign)
    assert '=HYPERLINK("http://x")' in rows(content)[1]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_answers_are_asked_for_by_the_chunk(campaign, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(export_sheet, "CHUNK", 2)
    for n in range(5):
        answer(
            make_delivery(campaign, make_contact(campaign.business, f"P{n}")),
            f"R{n}",
            timezone.now(),
        )
    content = io.BytesIO()
    with django_assert_num_queries(4):
        export_sheet.fill(campaign, content)
    found = rows(content.getvalue())
    assert [row[9] for row in found] == ["Resposta", "R0", "R1", "R2", "R3", "R4"]


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
    monkeypatch.setattr(export_sheet, "SHEET", 2)
    for n in range(5):
        make_delivery(campaign, make_contact(campaign.business, f"P{n}"))
    content = io.BytesIO()
    export_sheet.fill(campaign, content)
    book = load_workbook(content)
    assert [sheet.max_row for sheet in book.worksheets] == [3, 3, 2]


def test_it_is_asked_for_once_and_written_by_a_worker(client, campaign, enqueued):
    make_delivery(campaign, make_contact(campaign.business, "Lúcia Prado"))
    address = f"/campanhas/{campaign.pk}/planilha"
    assert client.get(f"{address}.xlsx").status_code == 302
    assert "Preparar planilha" in client.get(f"/campanhas/{campaign.pk}/").content.decode()
    for _each in range(2):
        page = client.post(f"{address}/", follow=True).content.decode()
        assert "Preparando a planilha" in page
    ((task, arguments),) = enqueued
    assert task == "blu.tasks.export_campaign"
    export_sheet.export(*arguments)
    part = client.get(f"{address}/", headers={"HX-Request": "true"}).content.decode()
    assert f"{address}.xlsx" in part
    assert "data-poll" not in part
    client.post(f"{address}/")
    assert len(enqueued) == 1
    content = client.get(f"{address}.xlsx")
    assert rows(b"".join(content.streaming_content))[1][0] == "Lúcia Prado"
    default_storage.delete(exports.prepared_for(campaign).name)


def test_who_only_looks_downloads_no_rows(client, campaign):
    client.force_login(make_membership(campaign.business, "viewer").user)
    address = f"/campanhas/{campaign.pk}/planilha"
    assert client.post(f"{address}/").status_code == 403
    assert client.get(f"{address}.xlsx").status_code == 403
    assert "Preparar planilha" not in client.get(f"/campanhas/{campaign.pk}/").content.decode()


def test_a_worker_that_fails_leaves_nothing_and_lets_it_be_asked_for_again(campaign, monkeypatch):
    def fail(_campaign, target):
        target.write(b"half")
        raise OSError("disk full")

    prepared = exports.prepared_for(campaign)
    prepared.request()
    monkeypatch.setattr(export_sheet, "fill", fail)
    with pytest.raises(OSError, match="disk full"):
        export_sheet.export(campaign.pk, "pt-br")
    assert prepared.state == NOT_THERE
