"""The pages of contacts and imports as people see and use them."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, TimeoutError, expect

from blu.accounts.models import Membership
from blu.text.phone import Phone
from campaigns.models import Delivery, Reply
from campaigns.models.ledger_states import Status
from contacts import consent
from contacts import pages as querysets
from contacts.evidence import note
from contacts.imports.job import run_import
from contacts.imports.uploads import receive_upload, start_import
from contacts.models import Contact, Import, Topic
from contacts.people.services import correct_number
from tests.browser.looking import (
    NARROWEST,
    Look,
    check_everywhere,
    offenders,
    small_targets,
    too_heavy,
    too_wide,
)
from tests.factories import (
    make_campaign,
    make_contact,
    make_delivery,
    make_segment,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


@pytest.fixture
def people(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a page of them, which are few: each kind of row is looked at, and none twenty times."""
    monkeypatch.setattr(querysets, "PAGE", 12)
    topic = make_topic(owner.business, "Agenda e avisos", description="Uma vez por mês")
    make_topic(owner.business, "Promoções")
    for n in range(15):
        name = f"Lúcia Aparecida do Nascimento Cavalcanti {n}" if n % 2 else ""
        person = make_contact(
            owner.business, name, tags=["retorno", "vip"][: n % 3], attributes={"plano": "Família"}
        )
        if n % 3:
            subscribe(person, topic)
    make_segment(owner.business, "Plano Família", filter={"attributes": {"plano": "Família"}})


LISTS_AND_FORMS = (
    "/contatos/", "/contatos/?q=lucia&tag=vip", "/contatos/?q=ninguem", "/contatos/novo/", "/assuntos/",
    "/assuntos/novo/", "/publicos/", "/publicos/novo/", "/importacoes/", "/importacoes/nova/",
)  # fmt: skip


def test_lists_and_forms_fit_every_screen(look: Look, owner: Membership, people: None):
    assert offenders(look.each(LISTS_AND_FORMS, owner.user), small_targets, too_heavy) == []


def test_a_full_page_of_contacts_weighs_little(look: Look, owner: Membership):
    for n in range(querysets.PAGE + 1):
        make_contact(
            owner.business, f"Lúcia Aparecida do Nascimento Cavalcanti {n}", tags=["retorno", "vip"]
        )
    assert too_heavy(look("/contatos/", owner.user)) == []


LONG = "Otorrinolaringologista" * 8
TAG = "retornoemnovembro" * 3
WORDS = (
    f"Nome;Telefone;Nascimento;Etiquetas;{LONG[:60]}\n"
    f"{LONG};(11) 98765-4321;01/05/2999;{TAG};{LONG}\n{LONG};11 98765-4322 / 11 91234-5678;;;\n"
    f"{LONG};98765-4323{'9' * 60};;;\nAna;98765-4323;;;\n"
)


def send_all(person: Contact, topic: Topic) -> None:
    """One sending in each state to a person, answered where it was read, of campaigns with long names."""
    for status in Status.values:
        campaign = make_campaign(
            person.business, "running", topic=topic, name=f"{status} {LONG}"[:80]
        )
        sent = make_delivery(campaign, person, status)
        if status == Status.READ:
            Delivery.objects.filter(pk=sent.pk).update(replied_at=timezone.now())
            Reply.objects.create(
                business=person.business,
                session=campaign.session,
                message_id="in-1",
                phone=person.phone,
                contact=person,
                delivery=sent,
                text=LONG,
                at=timezone.now(),
            )


@pytest.fixture
def long_words(owner: Membership, tmp_path: Path) -> dict[str, int]:
    """One of everything that has a page, each with words longer than a phone is wide."""
    business = owner.business
    topic = make_topic(business, LONG[:60], description=LONG[:200])
    person = make_contact(
        business, LONG, tags=[TAG[:40], LONG[:40]], attributes={LONG[:40].lower(): LONG}
    )
    consent.grant(contact=person, topic=topic, source="paper", evidence=note(LONG))
    send_all(person, topic)
    before = make_contact(business, LONG)
    correct_number(contact=before, phone=Phone("+5511987650000"), actor=owner.user)
    segment = make_segment(
        business, LONG[:60], filter={"tags": [TAG[:40]], "attributes": {LONG[:40].lower(): LONG}}
    )
    sheet = tmp_path / "lista.csv"
    sheet.write_text(WORDS)
    name = f"{LONG}.csv"
    numbers = {
        "contact": person.pk,
        "topic": topic.pk,
        "segment": segment.pk,
        "replaced": before.pk,
    }
    for kind in ("checked", "done"):
        sent = receive_upload(business=business, path=sheet, name=name, actor=owner.user)
        run_import(sent.pk)
        numbers[kind] = sent.pk
    start_import(upload=sent, actor=owner.user)
    run_import(sent.pk)
    return numbers


WITH_LONG_WORDS = (
    "/contatos/", "/contatos/{contact}/", "/contatos/{contact}/editar/", "/contatos/{contact}/numero/",
    "/contatos/{replaced}/", "/assuntos/", "/assuntos/{topic}/", "/publicos/", "/publicos/{segment}/",
    "/importacoes/", "/importacoes/{checked}/conferir/", "/importacoes/{checked}/colunas/",
    "/importacoes/{done}/",
)  # fmt: skip


def test_words_longer_than_a_phone_is_wide_are_broken(
    look: Look, owner: Membership, long_words: dict[str, int]
):
    paths = [path.format(**long_words) for path in WITH_LONG_WORDS]
    pages = look.each(paths, owner.user)
    assert offenders(map(settled, pages), lambda page: too_wide(page, 800)) == []


def settled(page: Page) -> Page:
    page.wait_for_load_state("networkidle")
    return page


EMPTY = ("/contatos/", "/assuntos/", "/publicos/", "/publicos/novo/", "/importacoes/")


def test_empty_pages_say_what_to_do_next(look: Look, owner: Membership):
    assert offenders(look.each(EMPTY, owner.user)) == []


def test_a_contact_shows_data_consent_and_proof(look: Look, owner: Membership, people: None):
    person = owner.business.contact_set.order_by("-id").first()
    assert person is not None
    topic = owner.business.topic_set.order_by("id").first()
    assert topic is not None
    consent.revoke(contact=person, topic=topic, source="whatsapp")
    page = look(f"/contatos/{person.pk}/", owner.user)
    page.get_by_text("Anotar que aceitou").click()
    check_everywhere(page)


def test_a_spreadsheet_is_uploaded_checked_and_imported(look: Look, owner: Membership):
    page = look("/importacoes/nova/", owner.user)
    page.set_input_files("input[type=file]", SAMPLES / "planilha-quebrada.xlsx")
    page.get_by_role("button", name="Enviar e conferir").click()
    expect(page.get_by_role("heading", name="Lendo a planilha")).to_be_visible()
    check_everywhere(page)
    found = Import.objects.get()
    run_import(found.pk)
    expect(page.get_by_role("heading", name="Conferir a planilha")).to_be_visible()
    check_everywhere(page)
    page.get_by_label("O que elas aceitaram receber").fill("Agenda e avisos")
    page.get_by_label("Como concordaram").select_option("paper")
    page.get_by_label("O que a pessoa leu ao concordar").fill("Autorizo a clínica a me escrever.")
    page.get_by_role("button", name="Importar 26").click()
    for place in ("#id_declared_error", ".action-bar"):
        said = page.locator(place).get_by_text("Falta marcar a declaração de consentimento.")
        expect(said).to_be_visible()
    check_everywhere(page)
    page.get_by_text("Declaro que").click()
    page.get_by_role("button", name="Importar 26").click()
    expect(page.get_by_text("Pode fechar a aba")).to_be_visible()
    run_import(found.pk)
    expect(page.get_by_role("heading", name="Planilha importada")).to_be_visible()
    check_everywhere(page)


def test_columns_are_adjusted_on_a_page_that_fits(look: Look, owner: Membership):
    found = receive_upload(
        business=owner.business,
        path=SAMPLES / "corretora.ods",
        name="corretora.ods",
        actor=owner.user,
    )
    run_import(found.pk)
    page = look(f"/importacoes/{found.pk}/colunas/", owner.user)
    check_everywhere(page)


def a_list(owner: Membership, folder: Path, *rows: str) -> Import:
    """One without a column of consent, uploaded and looked through."""
    sheet = folder / "lista.csv"
    sheet.write_text("\n".join(("Nome;Telefone", *rows, "")))
    found = receive_upload(business=owner.business, path=sheet, name=sheet.name, actor=owner.user)
    run_import(found.pk)
    return found


def test_a_person_chooses_which_phone_is_meant_on_the_page(
    look: Look, owner: Membership, tmp_path: Path
):
    found = a_list(owner, tmp_path, "Ana;11 98765-4321 / 11 91234-5678")
    page = look(f"/importacoes/{found.pk}/conferir/", owner.user)
    page.get_by_label("Telefone").select_option("(11) 91234-5678")
    page.get_by_role("button", name="Nenhuma concordou ainda").click()
    expect(page.get_by_label("Telefone")).to_have_value("+5511912345678")
    page.get_by_role("button", name="Importar 1").click()
    expect(page.get_by_text("Pode fechar a aba")).to_be_visible()
    run_import(found.pk)
    assert owner.business.contact_set.get().phone == "+5511912345678"


def test_a_list_without_a_column_of_consent_goes_one_of_three_ways(
    look: Look, owner: Membership, tmp_path: Path
):
    make_topic(owner.business, "Agenda e avisos")
    found = a_list(owner, tmp_path, *(f"Pessoa {n};(11) 98765-4{n:03}" for n in range(120)))
    page = look(f"/importacoes/{found.pk}/conferir/", owner.user)
    check_everywhere(page)
    page.get_by_role("button", name="Importar 120").click()
    # The bar says the same before it is asked: only its answer is a fault.
    fault = page.locator(".action-bar__note--fault")
    expect(fault).to_have_text("Falta escolher um dos três caminhos.")
    page.get_by_label("Etiqueta para todas").fill("antigos")
    for way in ("Nenhuma concordou ainda", "Algumas concordaram", "Todas concordaram"):
        page.get_by_role("button", name=way).click()
        expect(page.get_by_role("button", name=way, pressed=True)).to_be_visible()
        check_everywhere(page)
    expect(page.get_by_label("Etiqueta para todas")).to_have_value("antigos")
    page.get_by_label("O que elas aceitaram receber").select_option("Agenda e avisos")
    page.get_by_label("Como concordaram").select_option("contract")
    page.get_by_label("O que a pessoa leu ao concordar").fill("Aceito receber avisos.")
    page.get_by_text("Declaro que estas 120 pessoas").click()
    page.get_by_role("button", name="Importar 120").click()
    expect(page.get_by_text("Pode fechar a aba")).to_be_visible()
    run_import(found.pk)
    found.refresh_from_db()
    assert (found.granted, found.tag) == (120, "antigos")


def test_a_way_is_pressed_on_a_slow_line_and_what_was_typed_stays(
    look: Look, owner: Membership, tmp_path: Path
):
    """A module sends along what stands in the other form: nobody can press before it runs."""
    found = a_list(owner, tmp_path, "Ana;11 98765-4321")
    page = look(f"/importacoes/{found.pk}/conferir/", owner.user)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/carry*.js", hold, times=1)
    page.reload(wait_until="commit")
    page.get_by_label("Etiqueta para todas").fill("antigos")
    way = page.get_by_role("button", name="Nenhuma concordou ainda")
    with pytest.raises(TimeoutError):
        way.click(timeout=2_000)
    held.pop().continue_()
    way.click()
    expect(page.get_by_role("button", name="Nenhuma concordou ainda", pressed=True)).to_be_visible()
    expect(page.get_by_label("Etiqueta para todas")).to_have_value("antigos")


def test_an_upload_is_discarded_after_a_question(look: Look, owner: Membership, tmp_path: Path):
    found = a_list(owner, tmp_path, "Ana;12")
    page = look(f"/importacoes/{found.pk}/conferir/", owner.user)
    check_everywhere(page)
    page.get_by_role("button", name="Descartar", exact=True).click()
    expect(page.get_by_role("heading", name="Descartar “lista.csv”?")).to_be_visible()
    page.get_by_role("button", name="Descartar planilha").click()
    expect(page.get_by_text("Planilha descartada.")).to_be_visible()
    found.refresh_from_db()
    assert found.status == Import.Status.DISCARDED


def test_what_was_typed_of_a_declaration_goes_along_with_an_area_code(
    look: Look, owner: Membership, tmp_path: Path
) -> None:
    sheet = tmp_path / "lista.csv"
    sheet.write_text(
        "Nome;Telefone;Aceita receber\nAna;11987654321;sim\nCid;98765-4323;sim\nDê;12;\n"
    )
    found = receive_upload(business=owner.business, path=sheet, name="lista.csv", actor=owner.user)
    run_import(found.pk)
    page = look(f"/importacoes/{found.pk}/conferir/", owner.user)
    page.get_by_label("O que a pessoa leu ao concordar").fill("Autorizo sim.")
    page.get_by_label("Declaro que").check()
    page.get_by_label("DDD", exact=True).fill("21")
    page.get_by_role("button", name="Usar este DDD").click()
    page.wait_for_url(f"**/importacoes/{found.pk}/")
    run_import(found.pk)
    page.goto(page.url.split("/importacoes")[0] + f"/importacoes/{found.pk}/conferir/")
    expect(page.get_by_label("O que a pessoa leu ao concordar")).to_have_value("Autorizo sim.")
    expect(page.get_by_label("Declaro que")).not_to_be_checked()
    page.get_by_label("O que a pessoa leu ao concordar").fill("Autorizo e assino.")
    page.get_by_role("button", name="Salvar e sair").click()
    expect(page.get_by_text("Guardamos o que você escreveu.")).to_be_visible()
    found.refresh_from_db()
    assert found.draft["wording"] == "Autorizo e assino."


def test_a_phone_is_spared_the_cells_that_say_nothing(look: Look, owner: Membership):
    make_contact(owner.business, "Ana Souza")
    page = look("/contatos/", owner.user, width=375)
    for width, seen in ((375, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator("td[data-label=Etiquetas]").is_visible() is seen


def test_names_of_places_and_the_open_tab_are_whole_on_the_narrowest_phone(
    look: Look, owner: Membership
):
    page = look("/importacoes/", owner.user, width=NARROWEST)
    names = page.locator(".bottom-nav .nav__link")
    edges = names.evaluate_all(
        """(links) => links.map((link) => {
            const words = document.createRange();
            words.selectNodeContents(link);
            const box = words.getBoundingClientRect();
            return [box.left, box.right];
        })"""
    )
    assert len(edges) == 5
    ends = [0.0, *(right for _left, right in edges), float(NARROWEST)]
    begins = [*(left for left, _right in edges), float(NARROWEST)]
    assert all(end <= begin for end, begin in zip(ends, begins, strict=False))
    tab = page.locator(".tabs").get_by_role("link", name="Importações")
    expect(tab).to_be_in_viewport(ratio=0.99)
