"""How somebody who tries blü passes the second step of the sign-in that was printed."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import CommandError, call_command

from blu.dispatch import trial_code
from tests.clients import Client
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    user = make_user(trial_code.STAFF_EMAIL, is_staff=True, is_superuser=True)
    trial_code.give(user)
    return user


def test_the_code_of_a_trial_opens_the_admin(client: Client, person) -> None:
    client.post("/conta/entrar/", {"login": person.email, "password": PASSWORD})
    out = StringIO()
    call_command("trial_code", stdout=out)
    client.post("/conta/etapas/entrar/", {"code": out.getvalue().strip()})
    assert client.get("/admin/").status_code == 200


def test_a_second_start_keeps_the_app_that_was_given(person) -> None:
    before = trial_code.secret()
    trial_code.give(person)
    assert trial_code.secret() == before
    assert before not in str(Authenticator.objects.values())


def test_outside_a_trial_nobody_is_told_a_code(person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBEDDED_DATABASE", False)
    with pytest.raises(CommandError, match="no trial"):
        call_command("trial_code")


def test_before_the_first_start_there_is_no_code() -> None:
    with pytest.raises(CommandError, match="start blü once"):
        call_command("trial_code")


def test_the_printed_command_names_a_folder_that_is_not_the_usual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "VAR", settings.BASE / "var")
    assert trial_code.command().endswith("manage.py trial_code")
    assert "BLU_VAR" not in trial_code.command()
    monkeypatch.setattr(settings, "VAR", settings.BASE / "other")
    assert trial_code.command().startswith(f"BLU_VAR={settings.BASE / 'other'} ")
