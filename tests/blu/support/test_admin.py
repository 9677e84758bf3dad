"""The admin: who enters, what staff finds, what nobody changes by hand."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blu.accounts.models import User
from blu.support.discovery import load_admin_pages
from blu.text import phone
from campaigns.models import Campaign, Decision, Delivery, EarlyReceipt, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts.models import Consent, Import, ImportProblem, Subscription
from contacts.spreadsheets.header import Field
from contacts.spreadsheets.rows import FUTURE_DATE
from sessions.linking import services
from sessions.models import Chat, Lease, Pairing, SessionEvent, State
from tests import support
from tests.clients import Client
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
    make_session,
    make_topic,
    make_user,
    subscribe,
)

pytestmark = pytest.mark.django_db

READ_ONLY = (
    Campaign,
    Chat,
    Consent,
    Decision,
    Delivery,
    EarlyReceipt,
    Lease,
    Notice,
    Pairing,
    Reply,
    SessionEvent,
    Subscription,
)
OURS = ("accounts", "contacts", "campaigns", "wa_sessions")
LIBRARIES = ("django_q", "account", "mfa", "auth")
# Written and read by libraries or locks only; nothing in them answers a question of support's.
LEFT_OUT = (
    "accounts.Turn",
    "auth.Permission",
    "account.EmailConfirmation",
    "django_q.Task",
    "django_q.Schedule",
)


def test_someone_signed_out_is_led_to_the_sign_in_page(client: Client) -> None:
    for address in ("/admin/", "/admin/contacts/contact/", "/admin/login/", "/admin/busca/"):
        page = client.get(address)
        assert page.status_code == 302
        assert page.url.startswith(reverse("account_login"))


def test_every_model_of_ours_and_of_the_libraries_we_run_is_registered() -> None:
    load_admin_pages()
    wanted = {
        model
        for label in (*OURS, *LIBRARIES)
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Historical") and model._meta.label not in LEFT_OUT
    }
    assert wanted <= set(admin.site._registry)


def test_every_list_of_ours_can_be_searched_or_filtered_and_counts_nothing() -> None:
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        assert page.search_fields or page.list_filter, model
        assert page.list_display != ("__str__",), model
        assert page.show_full_result_count is False, model


@pytest.fixture
def world() -> Delivery:
    business = make_business("Clínica do Sol")
    contact = make_contact(business, "Lúcia Prado", phone="+5511987654321")
    campaign = make_campaign(business, Campaign.Status.RUNNING, name="Vacina")
    delivery = make_delivery(campaign, contact, Status.FAILED, reason="not_on_whatsapp")
    SessionEvent.objects.create(
        session=campaign.session, link=campaign.session.link, state="resting"
    )
    return delivery


def test_every_list_and_every_row_opens_for_staff_without_a_count(
    client: Client, staff: User, world: Delivery
) -> None:
    asking = request_of(client, staff)
    for model, page in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200, address
        if model._meta.app_label in OURS:
            counts = [one["sql"] for one in asked if "COUNT(*)" in one["sql"]]
            assert counts == [], address
        row = page.get_queryset(asking).first()
        if row is not None:
            assert client.get(f"{address}{row.pk}/change/").status_code == 200, address


def request_of(client: Client, user: User) -> object:
    request = client.get("/admin/").wsgi_request
    request.user = user
    return request


def test_support_staff_without_any_permission_sees_all_and_changes_nothing(
    client: Client, world: Delivery
) -> None:
    support.sign_in(client, make_user(is_staff=True))
    contact = world.contact
    assert "Lúcia Prado" in client.get("/admin/contacts/contact/").content.decode()
    client.post(f"/admin/contacts/contact/{contact.pk}/change/", {"name": "Outra"})
    contact.refresh_from_db()
    assert contact.name == "Lúcia Prado"


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_the_product_writes_nobody_changes_by_hand(
    client: Client, staff: User, model: type
) -> None:
    label = f"{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]
    assert client.get(reverse(f"admin:{label}_add")).status_code == 403
    page = admin.site._registry[model]
    request = request_of(client, staff)
    assert not page.has_change_permission(request)  # type: ignore[arg-type]
    assert not page.has_delete_permission(request)  # type: ignore[arg-type]
    assert page.get_actions(request) == {}  # type: ignore[arg-type]


def test_a_delivery_stays_as_it_is_whatever_is_posted(
    client: Client, staff: User, world: Delivery
) -> None:
    address = f"/admin/campaigns/delivery/{world.pk}/"
    assert client.post(f"{address}change/", {"status": "queued"}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    world.refresh_from_db()
    assert world.status == Status.FAILED


@pytest.mark.parametrize(
    "text", ["lucia", "Lúcia Prado", "(11) 98765-4321", "+5511987654321", "87654321"]
)
def test_one_search_tells_why_somebody_did_not_get_it(
    client: Client, staff: User, world: Delivery, text: str
) -> None:
    page = client.get("/admin/busca/", {"q": text}).content.decode()
    assert "Clínica do Sol" in page
    assert "Vacina: falhou (o número não tem WhatsApp)" in page


def test_the_search_finds_businesses_members_and_sessions(client: Client, staff: User) -> None:
    business = make_business("Corretora Farol")
    make_session(business, name="Balcão", phone="+5521999990000")
    make_membership(business, user=make_user("ana@farol.com.br"))
    assert "Corretora Farol" in client.get("/admin/busca/?q=farol").content.decode()
    assert "ana@farol.com.br" in client.get("/admin/busca/?q=ana@").content.decode()
    assert "Balcão" in client.get("/admin/busca/?q=21999990000").content.decode()


def test_nothing_found_says_where_we_looked(client: Client, staff: User) -> None:
    assert "Procuramos por nome e telefone" in client.get("/admin/busca/?q=zzz").content.decode()
    assert client.get("/admin/busca/?q=%20-%20").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["contacts/contact/", "campaigns/delivery/", "contacts/consent/", "contacts/subscription/"],
)
def test_the_lists_of_people_are_searched_by_name_and_phone(
    client: Client, staff: User, world: Delivery, address: str
) -> None:
    other = make_contact(make_business(), "Outra Pessoa")
    subscribe(other, make_topic(other.business))
    page = client.get(f"/admin/{address}", {"q": "prado"}).content.decode()
    assert "Lúcia Prado" in page
    assert "Outra Pessoa" not in page
    assert "Lúcia Prado" not in client.get(f"/admin/{address}", {"q": "ninguem"}).content.decode()


def test_an_unindexed_filter_on_the_ledger_looks_at_the_newest_rows_and_says_so(
    client: Client, staff: User, world: Delivery
) -> None:
    page = client.get("/admin/campaigns/delivery/?status__exact=failed").content.decode()
    assert "100.000 registros mais novos" in page
    assert "Lúcia Prado" in page
    whole = (
        f"/admin/campaigns/delivery/?campaign__id__exact={world.campaign_id}&status__exact=failed"
    )
    assert "registros mais novos" not in client.get(whole).content.decode()


def test_the_first_page_shows_what_waits_for_a_person(client: Client, staff: User) -> None:
    business = make_business("Clínica do Sol")
    make_session(business, name="Recepção", state="restricted")
    make_campaign(business, Campaign.Status.PAUSED, name="Vacina", pause_reason="time_lock")
    page = client.get("/admin/").content.decode()
    assert "Clínica do Sol · Recepção" in page
    assert "O WhatsApp restringiu a conta" in page


def test_a_business_is_changed_with_its_history(client: Client, staff: User) -> None:
    business = make_business("Antes")
    inlines = {
        f"memberships-{part}": "0"
        for part in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    data = {
        "name": "Depois",
        "slug": "depois",
        "time_zone": "America/Manaus",
        "default_area_code": "92",
    }
    client.post(f"/admin/accounts/business/{business.pk}/change/", data | inlines)
    business.refresh_from_db()
    assert business.name == "Depois"
    assert business.history.first().history_user == staff
    page = client.get(f"/admin/accounts/business/{business.pk}/history/").content.decode()
    assert "Modificado" in page
    assert "None" not in page


def test_a_session_is_looked_at_as_it_was_before_it_had_a_link(client: Client, staff: User) -> None:
    session = services.create_session(business=make_business(), name="Recepção", actor=staff)
    versions = list(session.history.all())
    assert versions[-1].active_link_id is None
    for version in versions:
        page = f"/admin/wa_sessions/whatsappsession/{session.pk}/history/{version.history_id}/"
        assert client.get(page).status_code == 200


def test_what_was_done_to_a_row_is_counted_as_it_is(client: Client, staff: User) -> None:
    contact = make_contact(make_business(), "Ana")
    pages = admin.site.get_model_admin(type(contact))
    pages.log_change(request_of(client, staff), contact, "Outro nome")
    page = client.get(f"/admin/contacts/contact/{contact.pk}/history/").content.decode()
    assert "Outro nome" in page
    assert "9999999999" not in page
    assert "?p=2" not in page


def test_second_factors_are_called_by_a_name_of_ours(client: Client, staff: User) -> None:
    page = client.get("/admin/mfa/authenticator/").content.decode()
    assert "Selecione verificação em duas etapas" in page
    assert "Selecione authenticator" not in page


def test_the_policy_is_looser_in_the_admin_only(client: Client, staff: User) -> None:
    assert "unsafe-eval" in client.get("/admin/")["Content-Security-Policy"]
    assert "unsafe" not in client.get(reverse("account_security"))["Content-Security-Policy"]


def test_support_lets_a_stopped_session_be_looked_at_again(client: Client, staff: User) -> None:
    business, later = make_business(), timezone.now() + timedelta(minutes=20)
    stopped = make_session(
        business, state=State.STOPPED, state_until=later, state_reason="page_odd"
    )
    fine = make_session(business)
    url = reverse("admin:wa_sessions_whatsappsession_changelist")
    asked = {"action": "look_again", "_selected_action": [stopped.pk, fine.pk]}
    said = client.post(url, asked, follow=True).content.decode()
    assert f"O blü vai olhar agora: {stopped.name}." in said
    stopped.refresh_from_db()
    assert (stopped.state, stopped.state_until, stopped.link.retry_at) == (
        State.OFFLINE,
        None,
        None,
    )
    assert SessionEvent.objects.get(session=stopped).reason == "page_odd"
    assert "Nenhuma delas está parada" in client.post(url, asked, follow=True).content.decode()


def test_a_group_says_what_a_part_of_the_staff_may_change(client: Client, staff: User) -> None:
    permission = Permission.objects.get(codename="change_contact")
    client.post("/admin/auth/group/add/", {"name": "Atendimento", "permissions": [permission.pk]})
    assert Group.objects.get().permissions.get() == permission


@pytest.mark.parametrize(
    ("language", "shown"), [("pt-br", "24/11/2026 09:05"), ("en", "24 Nov 2026, 09:05")]
)
def test_dates_are_short_in_both_languages(client: Client, staff: User, language, shown) -> None:
    moment = datetime(2026, 11, 24, 9, 5, tzinfo=timezone.get_default_timezone())
    campaign = make_campaign(make_business(), Campaign.Status.RUNNING, launched_at=moment)
    lists = reverse("admin:campaigns_campaign_changelist")
    for path in (lists, f"{lists}{campaign.pk}/change/"):
        page = client.get(path, headers={"accept-language": language}).content.decode()
        assert shown in page


def test_the_number_of_a_right_of_use_is_called_that(client: Client, staff: User) -> None:
    make_session(make_business())
    page = client.get(reverse("admin:wa_sessions_lease_changelist")).content.decode()
    assert "nº do direito de uso" in page.lower()
    assert ">session<" not in re.sub(r"\s", "", page.lower())
    assert not re.search(r"\bcerca\b", page.lower())


def test_the_problems_of_an_import_are_told_in_the_words_of_the_pages(
    client: Client, staff: User
) -> None:
    found = Import.objects.create(business=make_business(), file_name="clientes.csv")
    lost = ImportProblem.objects.create(source=found, row=2, reason=phone.NO_PHONE)
    ImportProblem.objects.create(
        source=found, row=3, reason=FUTURE_DATE, field=Field.BIRTH_DATE, values=["Ana"]
    )
    address = reverse("admin:contacts_importproblem_changelist")
    page = client.get(address).content.decode()
    assert "Não tem telefone." in page
    assert "Nascimento" in page
    assert ">no phone<" not in page
    rows = client.get(f"{address}?reason={phone.NO_PHONE}").context["cl"].result_list
    assert [row.pk for row in rows] == [lost.pk]
    one = client.get(reverse("admin:contacts_importproblem_change", args=[lost.pk]))
    shown = one.content.decode()
    assert "2: Não tem telefone." in shown
    assert "no phone" not in shown


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (SessionEvent(state=State.ONLINE), "31/12 22:30 conectado"),
        (Reply(phone="+5511900074100"), "+5511900074100 31/12 22:30"),
        (Consent(state="granted"), "aceitou · 31/12/2025"),
    ],
)
def test_rows_are_named_by_the_clock_of_their_columns(row: SessionEvent, said: str) -> None:
    row.at = datetime(2026, 1, 1, 1, 30, tzinfo=UTC)
    assert str(row).casefold() == said
