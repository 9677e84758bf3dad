"""Support without a permission changes nothing anywhere: every address and action of the admin is tried."""

from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from blu.accounts.models import User
from tests import support
from tests.clients import Client
from tests.factories import make_membership, make_user
from tests.security.admin_world import (
    Address,
    addresses,
    changed,
    every_row,
    make_rows,
    pages,
    quiet,
    site_addresses,
    superuser_asks,
    undone,
)

pytestmark = pytest.mark.django_db
LEAVES = "logout"  # ends one's own web session, whoever one is


@pytest.fixture
def rows(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make_rows()
    quiet(monkeypatch)


def of_nobody() -> User:
    """Support who owns a business as well, and was given no permission."""
    return make_membership(user=make_user(is_staff=True)).user


def of_a_viewer() -> User:
    """Support with every permission to look, and none to change."""
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


def everywhere() -> list[Address]:
    tables = [address for page in pages() for address in addresses(page)]
    return [*tables, *(one for one in site_addresses() if one.name != LEAVES)]


def each_path() -> list[Address]:
    """The same without the actions of a list, which are told apart only by what is sent there."""
    return list({one.path: one for one in reversed(everywhere())}.values())


@pytest.mark.parametrize("somebody", [of_nobody, of_a_viewer])
def test_support_without_a_permission_writes_nothing_at_any_address(
    client: Client, rows: None, somebody: Any
) -> None:
    support.sign_in(client, somebody())
    tried = everywhere()
    assert len(tried) > 150
    before = every_row()
    for address in tried:
        client.post(address.path, address.body)
    assert not changed(before)


def test_no_other_method_writes_either(client: Client, rows: None) -> None:
    support.sign_in(client, of_nobody())
    before = every_row()
    for address, method in zip(each_path(), cycle((client.put, client.patch, client.delete))):
        method(address.path)
    assert not changed(before)


def test_looking_writes_nothing_even_for_a_superuser(
    client: Client, rows: None, staff: User
) -> None:
    """Actions of the design library run by a GET: there is none."""
    before = every_row()
    for page in pages():
        custom = {one.name: one for one in addresses(page) if not is_djangos(one, page)}
        for address in custom.values():
            client.get(address.path)
    assert not changed(before)


def is_djangos(address: Address, page: Any) -> bool:
    """Whether Django itself brings this address to every table; its own GETs are known to write nothing."""
    usual = ("changelist", "add", "history", "delete", "change")
    info = f"{page.opts.app_label}_{page.opts.model_name}"
    return "action" in address.body or address.name in ("None", *(f"{info}_{one}" for one in usual))


def test_the_same_forms_do_write_for_a_superuser(client: Client, rows: None, staff: User) -> None:
    """Else what is refused above would prove nothing."""
    request = superuser_asks()
    editable = [page for page in pages() if page.has_change_permission(request)]
    assert len(editable) > 10
    for page in editable:
        name = f"{page.opts.app_label}_{page.opts.model_name}_change"
        [address] = [one for one in addresses(page) if one.name == name]
        before = every_row()
        with undone():
            answer = client.post(address.path, address.body)
            assert answer.status_code == 302, (address, errors_of(answer))
            assert changed(before), (address, answer["Location"])


def test_permission_to_change_a_table_changes_that_table_and_none_inside_its_forms(
    client: Client, rows: None
) -> None:
    wrote = set()
    for page in [one for one in pages() if one.has_change_permission(superuser_asks())]:
        user, own = make_user(is_staff=True), page.opts.model_name
        user.user_permissions.set(Permission.objects.filter(codename=f"change_{own}"))
        support.sign_in(client, user)
        tables = {page.opts.db_table, page.opts.db_table.replace(own, f"historical{own}")}
        before = every_row()
        for address in addresses(page):
            client.post(address.path, with_changed_rows(address.body))
        written = changed(before).keys() - {"django_admin_log"}
        assert written <= tables, page
        wrote |= written
    assert len(wrote) > 10


def with_changed_rows(body: dict[str, Any]) -> dict[str, Any]:
    """Another role for the first row inside a form, and the second one taken away."""
    rows = {name: "receptionist" for name in body if name.endswith("-0-role")}
    gone = {name.replace("role", "DELETE"): "on" for name in body if name.endswith("-1-role")}
    return body | rows | gone


def errors_of(answer: Any) -> Any:
    form = answer.context and answer.context.get("errors")
    return list(form) if form else answer.status_code


def test_an_owner_of_a_business_finds_no_admin(client: Client, rows: None) -> None:
    client.force_login(make_membership().user)
    before = every_row()
    for address in each_path():
        assert client.post(address.path, address.body).status_code == 404, address
        if address.name.endswith(("_changelist", "_change", "index")):
            assert client.get(address.path).status_code == 404, address
    assert not changed(before)


def test_a_form_of_history_writes_for_nobody(client: Client, rows: None, staff: User) -> None:
    before = every_row()
    tried = [one for page in pages() for one in addresses(page) if "_simple_history" in one.name]
    assert len(tried) >= 5
    for address in tried:
        assert client.get(address.path).status_code == 200
        assert client.post(address.path, address.body).status_code == 403, address
    assert not changed(before)
