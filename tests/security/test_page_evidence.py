"""Pages that the driver didn't know show people's chats: who opens one may, is sure, says why, and is written down."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg.conninfo
import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.contrib.auth.models import Permission
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from structlog.testing import capture_logs

from blu.accounts.models import User
from blu.db import encrypted_fields
from blu.ops import dev_secrets
from sessions.evidence import store
from sessions.models import EvidenceOpening, Link, PageEvidence
from sessions.transports.browser import backend
from tests import support
from tests.clients import Client
from tests.factories import make_business, make_evidence, make_membership, make_session, make_user
from tests.security.admin_world import changed, every_row

pytestmark = pytest.mark.django_db

PICTURE = b"\xff\xd8\xff picture"
DOCUMENT = "body\n div[role=list]"
WHY = "Entender o ícone novo"
HOUR = 3600


@pytest.fixture
def link() -> Link:
    return make_session(make_business("Clínica do Sol"), name="Recepção").link


@pytest.fixture
def found(link: Link) -> PageEvidence:
    return make_evidence(link, picture=PICTURE)


def helper(*codenames: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def opener(client: Client) -> User:
    """Somebody of the support with the one permission that it takes, no superuser."""
    return support.sign_in(client, helper("open_pageevidence"))


def address(found: PageEvidence) -> str:
    return reverse("admin:wa_sessions_pageevidence_open", args=(found.pk,))


def ask(client: Client, found: PageEvidence, part: str = "picture", reason: str = WHY) -> Any:
    return client.post(address(found), {"part": part, "reason": reason})


def test_a_picture_is_opened_with_a_reason_as_a_picture_and_nothing_else(
    client: Client, opener: User, found: PageEvidence
) -> None:
    answer = ask(client, found)
    assert (answer.content, answer["Content-Type"]) == (PICTURE, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "no-store" in answer["Cache-Control"]


def test_a_structure_is_downloaded_as_plain_text_and_never_drawn(
    client: Client, opener: User, found: PageEvidence
) -> None:
    answer = ask(client, found, "document")
    assert answer.content.decode() == DOCUMENT
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_each_look_is_a_row_that_says_who_why_and_at_what(
    client: Client, opener: User, found: PageEvidence
) -> None:
    ask(client, found)
    ask(client, found, "document", "Comparar com a de ontem")
    rows = EvidenceOpening.objects.order_by("pk").values_list("who", "reason", "part", "about")
    about = "Clínica do Sol · Recepção"
    assert list(rows) == [
        (opener.pk, WHY, "picture", about),
        (opener.pk, "Comparar com a de ontem", "document", about),
    ]
    page = client.get(reverse("admin:wa_sessions_pageevidence_change", args=(found.pk,)))
    assert WHY in page.content.decode()
    listed = client.get(reverse("admin:wa_sessions_evidenceopening_changelist")).content.decode()
    assert WHY in listed
    assert opener.email in listed


def refused(client: Client, found: PageEvidence, **posted: str) -> Any:
    """Neither shown nor written anywhere, by the form, its address or the pages about it."""
    before = every_row()
    answer = ask(client, found, **posted)
    for path in (address(found), reverse("admin:wa_sessions_pageevidence_changelist")):
        assert PICTURE not in client.get(path).content
    assert PICTURE not in answer.content
    assert DOCUMENT.encode() not in answer.content
    assert not changed(before)
    return answer


def test_without_the_permission_nothing_is_shown_or_logged(
    client: Client, found: PageEvidence
) -> None:
    support.sign_in(client, helper("view_pageevidence", "change_whatsappsession", "change_user"))
    assert refused(client, found).status_code == 403
    assert client.get(address(found)).status_code == 403
    listed = client.get(reverse("admin:wa_sessions_pageevidence_changelist")).content.decode()
    assert "unknown-icon" in listed


@pytest.mark.parametrize("reason", ["", "   ", "ver"])
def test_without_a_reason_nothing_is_shown_or_logged(
    client: Client, opener: User, found: PageEvidence, reason: str
) -> None:
    assert refused(client, found, reason=reason)["Content-Type"].startswith("text/html")


def test_an_unknown_part_is_none(client: Client, opener: User, found: PageEvidence) -> None:
    assert refused(client, found, part="link")["Content-Type"].startswith("text/html")


def test_without_a_fresh_confirmation_nothing_is_shown_or_logged(
    client: Client, found: PageEvidence
) -> None:
    user = support.sign_in(client, helper("open_pageevidence"), sure_ago=HOUR)
    sure = reverse("account_reauthenticate")
    assert refused(client, found).url.startswith(sure)
    assert client.get(address(found)).url.startswith(sure)
    support.sign_in(client, user)
    assert ask(client, found).content == PICTURE


def test_without_a_second_factor_nothing_is_shown_or_logged(
    client: Client, found: PageEvidence
) -> None:
    client.force_login(helper("open_pageevidence"))
    assert refused(client, found).url.startswith(reverse("mfa_index"))


@pytest.mark.parametrize("role", ["owner", "receptionist"])
def test_nobody_of_the_business_gets_there_whatever_their_permissions(
    client: Client, found: PageEvidence, role: str
) -> None:
    member = make_membership(found.link.session.business, role).user
    member.user_permissions.set(Permission.objects.filter(codename="open_pageevidence"))
    support.sign_in(client, member)
    assert refused(client, found).status_code == 404
    for path in (
        f"/whatsapp/{found.link.session_id}/",
        f"/api/v1/sessions/{found.link.session_id}/",
    ):
        assert "unknown-icon" not in client.get(path, follow=True).content.decode()


def test_the_page_of_a_link_and_of_its_session_lead_to_it(
    client: Client, opener: User, found: PageEvidence
) -> None:
    other = make_evidence(make_session(make_business()).link, kind="outra")
    link = client.get(reverse("admin:wa_sessions_link_change", args=(found.link_id,)))
    assert "unknown-icon" in link.content.decode()
    session = reverse("admin:wa_sessions_whatsappsession_change", args=(found.link.session_id,))
    [listed] = re.findall(
        r'href="([^"]*pageevidence/\?[^"]*)"', client.get(session).content.decode()
    )
    page = client.get(listed).content.decode()
    assert f"/pageevidence/{found.pk}/change/" in page
    assert f"/pageevidence/{other.pk}/change/" not in page


def test_what_it_stopped_at_is_said_in_words_with_the_code_beside_it(
    client: Client, opener: User, found: PageEvidence
) -> None:
    make_evidence(found.link, kind="never-seen")
    kind, screen = "sinal desconhecido ao lado de uma mensagem (unknown-icon)", "conversas (chats)"
    pages = [
        reverse("admin:wa_sessions_pageevidence_changelist"),
        reverse("admin:wa_sessions_pageevidence_change", args=(found.pk,)),
        reverse("admin:wa_sessions_link_change", args=(found.link_id,)),
        address(found),
    ]
    for path in pages:
        page = client.get(path).content.decode()
        assert (path, kind in page, screen in page) == (path, True, True)
    listed = client.get(pages[0]).content.decode()
    assert "never-seen" in listed
    chosen = client.get(pages[0], {"kind": "unknown-icon"}).content.decode()
    assert listed.count(kind) == chosen.count(kind) > 1  # its row, and the choice in the filter
    assert listed.count("never-seen") > chosen.count("never-seen")


def test_what_another_node_met_is_opened_here(
    client: Client, opener: User, link: Link, settings: Any
) -> None:
    here = settings.NODE
    settings.NODE = "no-longe"
    found = make_evidence(link, picture=PICTURE)
    settings.NODE = here
    page = client.get(reverse("admin:wa_sessions_pageevidence_changelist")).content.decode()
    assert "no-longe" in page
    assert ask(client, found).content == PICTURE


def test_it_lies_sealed_and_no_log_has_a_word_of_it(
    client: Client, opener: User, link: Link
) -> None:
    with capture_logs() as logs:
        found = make_evidence(link, picture=PICTURE)
        ask(client, found)
    assert [one["event"] for one in logs if "evidence" in one["event"]] == [
        "evidence_kept",
        "evidence_opened",
    ]
    assert "picture" not in str([one for one in logs if one["event"] == "evidence_kept"])
    assert WHY not in str(logs)
    [row] = every_row()["wa_sessions_pageevidence"]
    assert PICTURE.hex() not in row
    assert b"div".hex() not in row


def test_what_no_key_opens_is_told_and_not_logged(
    client: Client, opener: User, found: PageEvidence, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert refused(client, found).status_code == 302


def test_a_part_that_was_not_taken_is_told_and_not_logged(
    client: Client, opener: User, link: Link
) -> None:
    found = make_evidence(link, picture=b"")
    assert "não deu mais nenhuma imagem" in client.get(address(found)).content.decode()
    assert refused(client, found).status_code == 302


def aged(link: Link, days: float) -> PageEvidence:
    """Evidence of so many days ago."""
    at = timezone.now() - timedelta(days=days)
    sealed = encrypted_fields.seal(PICTURE)
    return PageEvidence.objects.create(link=link, at=at, kind="old", screen="x", picture=sealed)


def test_after_a_month_it_can_not_be_opened_even_before_it_is_swept(
    client: Client, opener: User, link: Link
) -> None:
    old = aged(link, 31)
    assert refused(client, old).status_code == 404
    with pytest.raises(PageEvidence.DoesNotExist):
        store.opened(pk=old.pk, part=EvidenceOpening.Part.PICTURE, who=opener, reason=WHY)


def test_after_a_month_it_is_gone_and_who_saw_it_is_not_forgotten(
    client: Client, opener: User, link: Link
) -> None:
    old, young = aged(link, 31), aged(link, 29)
    ask(client, young)
    EvidenceOpening.objects.create(evidence=old, about="x", part="picture", who=opener, reason=WHY)
    backend.sweep()
    assert not PageEvidence.objects.filter(pk=old.pk).exists()
    assert PageEvidence.objects.filter(pk=young.pk).exists()
    assert EvidenceOpening.objects.count() == 2
    for row in EvidenceOpening.objects.all():
        path = reverse("admin:wa_sessions_evidenceopening_change", args=(row.pk,))
        assert client.get(path).status_code == 200


def test_of_a_link_that_is_stopped_again_and_again_the_newest_are_kept(
    link: Link, found: PageEvidence
) -> None:
    other = make_evidence(make_session(make_business()).link)
    for _ in range(store.NEWEST):
        make_evidence(link)
    assert link.evidence.count() == store.NEWEST
    assert not PageEvidence.objects.filter(pk=found.pk).exists()
    assert PageEvidence.objects.filter(pk=other.pk).exists()


def test_it_goes_with_its_session(found: PageEvidence) -> None:
    session = found.link.session
    session.active_link = None
    session.save()
    session.delete()
    assert not PageEvidence.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE wa_sessions_evidenceopening SET reason = 'outro motivo'",
        "DELETE FROM wa_sessions_evidenceopening",
        "UPDATE wa_sessions_pageevidence SET at = now()",
        "INSERT INTO wa_sessions_evidenceopening (evidence_id, about, part, who_id, reason)"
        " SELECT evidence_id, about, part, who_id, '   ' FROM wa_sessions_evidenceopening",
    ],
)
def test_the_database_lets_nobody_change_it_or_look_without_a_reason(
    client: Client, opener: User, found: PageEvidence, change: str
) -> None:
    ask(client, found)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_database_keeps_none_that_is_big(link: Link) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        PageEvidence.objects.create(link=link, kind="x", screen="x", picture=b"." * 700_001)


@pytest.fixture(params=["blu_jobs", "blu_host"])
def as_driver(
    request: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Link]:
    """Everything from here on is done with the role of who drives links."""
    link = make_session(make_business()).link
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(configured.VAR, request.param, database=name)
    given = psycopg.conninfo.conninfo_to_dict(url)
    connection.close()
    with monkeypatch.context() as role:
        role.setitem(connection.settings_dict, "USER", given["user"])
        role.setitem(connection.settings_dict, "PASSWORD", given["password"])
        yield link
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_drivers_keep_and_sweep_it_and_never_read_it_back(as_driver: Link) -> None:
    make_evidence(as_driver)
    old = aged(as_driver, 31)
    store.sweep()
    assert not PageEvidence.objects.plain().filter(pk=old.pk).exists()
    [kept] = PageEvidence.objects.plain()
    for column in ("picture", "document"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            PageEvidence.objects.values_list(column).get(pk=kept.pk)
