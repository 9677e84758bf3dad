"""Limits of a session: its owner goes down, support goes up with a reason, and all of it is kept."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from blu.accounts.models import Membership, Role
from blu.accounts.refused import Refused
from campaigns.limits import pacing, services
from campaigns.models import SessionLimits
from sessions.models import Link, WhatsAppSession
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db

STANDARD: dict[str, Any] = {
    "interval_seconds": 20,
    "opens": time(8),
    "closes": time(20),
    "sundays": False,
    "daily": None,
    "new_chats": None,
}
POSTED = {
    "interval_seconds": "20",
    "opens": "08:00",
    "closes": "20:00",
    "daily": "",
    "new_chats": "",
}


@pytest.fixture
def owner(client: Client) -> Membership:
    membership = factories.make_membership(user=factories.make_user(name="Ana Ribeiro"))
    client.force_login(membership.user)
    return membership


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    linked = timezone.now() - timedelta(days=60)
    return factories.make_session(
        owner.business, name="Recepção", pacing="real", linked_at=linked, idle_until=linked
    )


def lower(session: WhatsAppSession, **changes: Any) -> SessionLimits:
    actor = session.business.users.get()
    return services.lower(session=session, values=STANDARD | changes, actor=actor)


def raised(session: WhatsAppSession, **values: Any) -> SessionLimits:
    return SessionLimits.objects.create(session=session, raised_reason="Contrato", **values)


def post(client: Client, session: WhatsAppSession, **changes: str) -> str:
    url = f"/whatsapp/{session.pk}/limites/"
    return client.post(url, POSTED | changes, follow=True).content.decode()


def test_lower_limits_hold_at_once_and_wake_the_session(
    session: WhatsAppSession, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        lower(session, interval_seconds=60, daily=100, opens=time(9), new_chats=10)
    limits = pacing.limits_of(session.pk)
    assert limits.interval == timedelta(seconds=60)
    assert limits.hours.opens == time(9)
    assert limits.daily == 100
    assert pacing.quota(limits, now=timezone.now()) == 10
    session.refresh_from_db()
    assert session.idle_until is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("interval_seconds", 19, "O menor intervalo é de 20 segundos"),
        ("opens", time(7, 59), "Antes das 8h, só com o suporte"),
        ("closes", time(20, 1), "Depois das 20h, só com o suporte"),
        ("sundays", True, "Aos domingos, só com o suporte"),
        ("new_chats", 201, "O máximo é de 200 conversas novas"),
    ],
)
def test_nothing_goes_above_the_ceiling(session, name, value, said):
    with pytest.raises(Refused, match=said):
        lower(session, **{name: value})
    assert not SessionLimits.objects.exists()


def test_what_was_lowered_comes_back_up_to_the_ceiling(session):
    lower(session, interval_seconds=300)
    assert lower(session).interval_seconds == 20


def test_what_support_raised_may_be_lowered_but_not_raised_again(session):
    raised(session, interval_seconds=5, sundays=True, new_chats=500)
    own = lower(session, interval_seconds=10, sundays=True, new_chats=400)
    assert own.interval_seconds == 10
    with pytest.raises(Refused, match="10 segundos"):
        lower(session, interval_seconds=5)
    with pytest.raises(Refused, match="400 conversas"):
        lower(session, interval_seconds=10, new_chats=500)


def test_a_raise_of_something_else_opens_no_way_round_the_warm_up(session):
    Link.objects.update(linked_at=timezone.now())
    raised(session, interval_seconds=10)
    with pytest.raises(Refused, match="20 conversas"):
        lower(session, interval_seconds=10, new_chats=21)


def test_a_raise_ends_with_the_link_that_it_was_for(client, session):
    raised(session, interval_seconds=5, opens=time(6), closes=time(22), sundays=True, new_chats=500)
    limits = pacing.limits_of(session.pk)
    assert pacing.quota(limits, now=timezone.now()) == 500
    assert limits.interval == timedelta(seconds=5)
    Link.objects.update(linked_at=timezone.now())
    limits = pacing.limits_of(session.pk)
    assert pacing.quota(limits, now=timezone.now()) == 20
    assert (limits.interval, limits.hours) == (pacing.INTERVAL, pacing.Hours())
    page = client.get(f"/whatsapp/{session.pk}/limites/").content.decode()
    assert "O suporte aumentou estes limites" not in page
    assert 'value="20"' in page
    assert "a 3.600." in page


def test_an_owners_own_number_never_outlives_the_link_as_a_raise(session):
    raised(session, interval_seconds=10)
    lower(session, interval_seconds=10, new_chats=200)
    Link.objects.update(linked_at=timezone.now())
    assert pacing.quota(pacing.limits_of(session.pk), now=timezone.now()) == 20


def test_what_was_lowered_holds_for_the_next_link_too(session):
    raised(session, interval_seconds=300, daily=50, new_chats=5)
    Link.objects.update(linked_at=timezone.now())
    limits = pacing.limits_of(session.pk)
    assert (limits.interval, limits.daily) == (timedelta(seconds=300), 50)
    assert pacing.quota(limits, now=timezone.now()) == 5


def test_support_raises_the_new_link_with_a_reason_of_its_own(client, session, staff):
    young = {"interval_seconds": "20", "new_chats": "100"}
    admin_post(client, session, raised_reason="Contrato 123", **young)
    Link.objects.update(linked_at=timezone.now())
    admin_post(client, session, raised_reason="Contrato 124", **young)
    assert pacing.quota(pacing.limits_of(session.pk), now=timezone.now()) == 100


def test_the_page_lowers_and_the_history_names_who(client, session):
    page = post(client, session, interval_seconds="60", new_chats="50")
    assert "Limites salvos" in page
    assert "Uma mensagem a cada 60 segundos, das 8h às 20h." in page
    own = SessionLimits.objects.get()
    assert str(own.history.get().history_user) == "Ana Ribeiro"
    assert (
        "Última mudança: Ana Ribeiro"
        in client.get(f"/whatsapp/{session.pk}/limites/").content.decode()
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"interval_seconds": "5"},
            "O menor intervalo é de 20 segundos. Para enviar mais depressa",
        ),
        ({"interval_seconds": ""}, "Falta dizer quantos segundos."),
        ({"opens": "10:00", "closes": "09:00"}, "O horário de parar vem depois do de começar."),
        ({"closes": "21:00"}, "Depois das 20h, só com o suporte."),
        ({"new_chats": "999"}, "O máximo é de 200 conversas novas por dia."),
        ({"daily": "0"}, "O mínimo é 1."),
    ],
)
def test_the_page_says_how_far_one_may_go(client, session, changes, said):
    assert said in post(client, session, **changes)
    assert not SessionLimits.objects.exists()


def test_sundays_posted_by_hand_change_nothing(client, session):
    post(client, session, sundays="on")
    assert not SessionLimits.objects.get().sundays


def test_only_the_owner_changes_limits(client, session):
    for role in (Role.RECEPTIONIST, Role.VIEWER):
        client.force_login(factories.make_membership(session.business, role).user)
        assert client.get(f"/whatsapp/{session.pk}/limites/").status_code == 403
        assert "/limites/" not in client.get(f"/whatsapp/{session.pk}/").content.decode()


def test_the_owner_reads_why_support_raised(client, session):
    raised(session, interval_seconds=10)
    page = client.get(f"/whatsapp/{session.pk}/limites/").content.decode()
    assert "O suporte aumentou estes limites" in page
    assert "Contrato" in page


ADMIN = {
    "interval_seconds": "10", "opens": "08:00:00", "closes": "20:00:00", "daily": "",
    "new_chats": "", "raised_reason": "",
}  # fmt: skip


def admin_post(client: Client, session: WhatsAppSession, **changes: str) -> str:
    own = SessionLimits.objects.first()
    url = (
        f"/admin/campaigns/sessionlimits/{own.pk}/change/"
        if own
        else "/admin/campaigns/sessionlimits/add/"
    )
    data = ADMIN | {"session": str(session.pk)} | changes
    return client.post(url, data, follow=True).content.decode()


def test_support_raises_only_with_a_reason_and_is_named(client, session, staff):
    assert "só com um motivo escrito" in admin_post(client, session)
    assert not SessionLimits.objects.exists()
    admin_post(client, session, raised_reason="Contrato 123")
    own = SessionLimits.objects.get()
    assert own.interval_seconds == 10
    assert own.raised_by == staff
    [first] = own.history.all()
    assert first.history_change_reason == "Contrato 123"
    assert first.history_user == staff


def test_every_further_raise_takes_its_own_reason(client, session, staff):
    admin_post(client, session, raised_reason="Contrato 123")
    assert "Escreva o motivo desta mudança." in admin_post(
        client, session, raised_reason="Contrato 123", interval_seconds="5"
    )
    admin_post(client, session, raised_reason="Contrato 124", interval_seconds="5")
    own = SessionLimits.objects.get()
    assert own.interval_seconds == 5
    assert own.history.count() == 2
    page = client.get(f"/admin/campaigns/sessionlimits/{own.pk}/history/").content.decode()
    assert "Contrato 123" in page
    assert "Contrato 124" in page


def test_passing_the_warm_up_is_a_raise_too(client, session, staff):
    Link.objects.update(linked_at=timezone.now())
    young = {"interval_seconds": "20", "new_chats": "100"}
    assert "só com um motivo escrito" in admin_post(client, session, **young)
    admin_post(client, session, raised_reason="Conta antiga em outro sistema", **young)
    assert pacing.quota(pacing.limits_of(session.pk), now=timezone.now()) == 100


def test_the_page_tells_whatsapps_own_quota_and_its_end(
    client: Client, session: WhatsAppSession
) -> None:
    until = timezone.now() + timedelta(days=9)
    url = f"/whatsapp/{session.pk}/"
    assert "O próprio WhatsApp" not in client.get(url).content.decode()
    WhatsAppSession.objects.update(new_chats_left=7, new_chats_until=until)
    page = client.get(url).content.decode()
    assert "deixa esta conta iniciar mais 7 conversas novas até" in page
    WhatsAppSession.objects.update(new_chats_left=0, new_chats_end_told=True)
    page = client.get(url).content.decode()
    assert "O próprio WhatsApp não deixa esta conta iniciar conversas novas até" in page
