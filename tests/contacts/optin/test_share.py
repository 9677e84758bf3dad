"""How people get to a public page: the link, a form for another site, and a poster as PDF and PNG."""

import io
import re
from html import unescape

import pypdf
import pytest
import segno
from django.test import Client as Visitor
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from blu.accounts.models import Membership, Role
from contacts.models import OptIn, OptInText
from contacts.optin import confirming, poster, texts
from sessions.models import WhatsAppSession
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db
PHONE = "+5511900074100"


@pytest.fixture
def text(owner: Membership) -> OptInText:
    factories.make_session(owner.business, proven_at=timezone.now(), phone=PHONE)
    topic = factories.make_topic(owner.business, "Promoções", description="Até 1 por mês.")
    return factories.make_opt_in_text(topic, "Aceito receber promoções da Clínica.")


@pytest.fixture
def owner(db: None) -> Membership:
    return factories.make_membership()


@pytest.fixture
def signed_in(client: Client, owner: Membership) -> Client:
    client.force_login(owner.user)
    return client


def sheet_of(text: OptInText) -> poster.Poster:
    return poster.of(text, phone=PHONE, address="https://blu.example/aceite/clinica/7/")


def test_the_poster_in_pdf_is_one_sheet_of_words_that_can_be_read_aloud(
    signed_in: Client, text: OptInText
) -> None:
    answer = signed_in.get(f"/aceite/{text.topic_id}/cartaz.pdf")
    assert answer["Content-Type"] == "application/pdf"
    read = pypdf.PdfReader(io.BytesIO(answer.content))
    [page] = read.pages
    words = " ".join(page.extract_text().split())
    for said in (
        "Promoções de", "Até 1 por mês.", f"(código {text.code})", "Para sair, responda SAIR.",
        text.wording.text, reverse("optin_page", args=[text.business.slug, text.topic_id]),
    ):  # fmt: skip
        assert said in words, said
    assert read.metadata
    assert "Promoções" in (read.metadata.title or "")
    assert str(read.root_object["/Lang"]) == "pt-br"


def test_the_code_on_the_picture_leads_to_the_message_of_the_page(
    signed_in: Client, text: OptInText
) -> None:
    answer = signed_in.get(f"/aceite/{text.topic_id}/cartaz.png")
    assert answer["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (1240, 1754)
    sheet = sheet_of(text)
    assert sheet.link.startswith("https://wa.me/5511900074100?text=")
    assert texts.message_of_page(text) in sheet.message
    rows = [bytearray(row) for row in segno.make(sheet.link, error="m", micro=False).matrix]
    assert squares(picture, len(rows)) == rows


def squares(picture: Image.Image, many: int) -> list[bytearray]:
    """What stands in all that is black (letters are of another ink), read as so many squares a side."""
    black = picture.convert("L").point(lambda grey: 255 if grey < 5 else 0)
    found = black.getbbox()
    assert found
    left, top, right, _bottom = found
    one = (right - left) / many
    middles = [(int((n + 0.5) * one)) for n in range(many)]
    return [
        bytearray(1 if black.getpixel((left + x, top + y)) else 0 for x in middles) for y in middles
    ]


@pytest.mark.parametrize("write", [poster.pdf, poster.png])
def test_the_longest_words_still_make_one_sheet(write, text: OptInText) -> None:
    text.topic.name, text.topic.description = "W" * 60, "Muito " * 33
    text.business.name, text.wording.text = "M" * 80, "palavra comprida " * 35
    assert len(write(sheet_of(text))) < 500_000


def test_the_form_for_another_site_asks_the_same_and_is_taken(
    signed_in: Client, text: OptInText
) -> None:
    page = signed_in.get(f"/aceite/{text.topic_id}/").content.decode()
    [html] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert page.count("&lt;form") == 2  # to be read, and to be copied
    html = unescape(html)
    assert re.findall(r'<input name="(\w+)"', html) == ["name", "phone", "agree"]
    assert text.wording.text in html
    assert "<script" not in html
    [action] = re.findall(r'action="([^"]+)"', html)
    path = reverse("optin_page", args=[text.business.slug, text.topic_id])
    assert action.endswith(path)
    answer = Visitor(enforce_csrf_checks=True).post(
        path, {"name": "Zé", "phone": "11 98765-4321", "agree": "on"}
    )
    assert answer.status_code == 302
    assert OptIn.objects.get().name == "Zé"


def test_without_a_whatsapp_there_is_no_poster_and_the_page_says_why(
    signed_in: Client, text: OptInText
) -> None:
    factories.lead(WhatsAppSession.objects.get(), "logged_out")
    assert signed_in.get(f"/aceite/{text.topic_id}/cartaz.pdf").status_code == 302
    page = signed_in.get(f"/aceite/{text.topic_id}/").content.decode()
    assert "conecte um WhatsApp, e ele aparece aqui" in page
    assert "cartaz.pdf" not in page


def test_an_old_poster_counts_with_the_words_that_stand_on_it(
    signed_in: Client, text: OptInText
) -> None:
    signed_in.post(f"/aceite/{text.topic_id}/texto/", {"words": "Outras palavras."})
    now = texts.newest_of(text.topic)
    assert now
    assert now.wording.text == "Outras palavras."
    awaited = confirming.awaited_in(text.business_id, f"código {text.code}", timezone.now())
    assert awaited
    assert awaited.text.wording == text.wording


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.VIEWER])
def test_only_who_is_responsible_opens_changes_and_closes_a_page(
    client: Client, text: OptInText, role: Role
) -> None:
    member = factories.make_membership(text.business, role)
    client.force_login(member.user)
    assert client.get(f"/aceite/{text.topic_id}/").status_code == 200
    for address in ("texto", "fechar"):
        answer = client.post(f"/aceite/{text.topic_id}/{address}/", {"words": "Meu texto"})
        assert answer.status_code == 403
    now = texts.newest_of(text.topic)
    assert now == text
    assert now.closed_at is None
