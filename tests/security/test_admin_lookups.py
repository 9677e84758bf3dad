"""What the admin doesn't show isn't read out by its filters either, one letter at a time."""

import pytest

from blu.db.encrypted_fields import EncryptedTextField
from tests import support
from tests.clients import Client
from tests.factories import make_user
from tests.security.admin_world import make_rows, pages, quiet, superuser_asks

pytestmark = pytest.mark.django_db
# Whoever reads one of these signs in, proves a number or calls a task in somebody's name.
SECRETS = {
    "accounts.User.password",
    "campaigns.Notice.text",
    "campaigns.NumberProof.code",
    "wa_sessions.Pairing.code",
    "wa_sessions.Link.credentials",
    "mfa.Authenticator.data",
}


def hidden() -> list[tuple[str, str]]:
    """The list of each table and a field of its own that neither it nor the page of a row shows."""
    found = []
    for page in pages():
        shown = page.shown(superuser_asks())  # type: ignore[attr-defined]
        address = f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
        for field in page.model._meta.fields:
            if field.primary_key:
                continue
            if field.name not in shown or isinstance(field, EncryptedTextField):
                found.append((address, field.name))
    return found


def test_no_list_is_filtered_by_what_is_not_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(monkeypatch)
    make_rows()
    support.sign_in(client, make_user(is_staff=True))
    found = hidden()
    assert len(found) > 10
    for address, name in found:
        for lookup in (name, f"{name}__startswith", f"{name}__regex", f"{name}__isnull"):
            answer = client.get(address, {lookup: "1"})
            assert answer.status_code == 400, f"{address}?{lookup}"


def test_no_secret_is_a_filter() -> None:
    request = superuser_asks()
    tables = {page.model._meta.label: page for page in pages()}
    for secret in SECRETS:
        table, _dot, name = secret.rpartition(".")
        assert not tables[table].lookup_allowed(f"{name}__startswith", "1", request), secret


def test_the_filters_that_are_offered_still_work(client: Client) -> None:
    make_rows()
    support.sign_in(client, make_user(is_staff=True))
    for address in (
        "campaigns/notice/?kind__exact=number_code", "campaigns/notice/?session_id=1",
        "campaigns/delivery/?campaign__id__exact=1", "contacts/consent/?contact__id__exact=1",
        "wa_sessions/chat/?session__id__exact=1", "campaigns/decision/?delivery__id__exact=1",
        "accounts/user/?is_staff__exact=1", "contacts/importproblem/?source__id__exact=1",
    ):  # fmt: skip
        assert client.get(f"/admin/{address}").status_code == 200, address
