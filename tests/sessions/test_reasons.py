"""A reason is a code: every one that exists is shown in the language of who reads it."""

import ast
import inspect
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from itertools import product
from types import ModuleType

import pytest
from django.conf import settings
from django.utils.html import escape
from django.utils.translation import override

from blu.accounts.models import Membership
from sessions.models import Pairing, SessionEvent, WhatsAppSession
from sessions.reasons import Code, in_words
from sessions.states import State
from sessions.transports.browser.account_limits import UNLIMITED
from tests import factories, support
from tests.clients import Client

PARAMS = {
    "person": "Ana",
    "node": "m1",
    "error": "EIO",
    "said": "No",
    "phone": "+55",
    "own": "+55",
    "name": "A",
}
CODES = [code for code in Code if code]
# Where a transport says a reason: its place among what is given.
PLACES = {"LinkLost": 0, "LinkChange": 1, "Opened": 2, "PairingCode": 2}


@pytest.fixture
def owner(client: Client, db: None) -> Membership:
    membership = factories.make_membership()
    client.force_login(membership.user)
    client.cookies["django_language"] = "en"
    return membership


def said(code: Code, language: str) -> str:
    with override(language):
        return in_words(code, PARAMS if "%(" in str(code.label) else {})


def reason_of(call: ast.Call) -> ast.expr | None:
    """What is given to one of PLACES as its reason."""
    for word in call.keywords:
        if word.arg == "reason":
            return word.value
    place = PLACES[call.func.id]
    return call.args[place] if len(call.args) > place else None


def written(module: ModuleType) -> Iterator[str]:
    """The reasons that stand in a module; those that are passed on stand elsewhere."""
    for call in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in PLACES:
            reason = reason_of(call)
            either = [reason.body, reason.orelse] if isinstance(reason, ast.IfExp) else [reason]
            for one in filter(None, either):
                with suppress(NameError):
                    yield str(eval(ast.unparse(one), vars(module)))


@pytest.mark.parametrize(
    ("transport", "some"),
    [
        ("browser", {Code.OFFLINE, Code.UNKNOWN_SIGN, Code.PHONE_REFUSED}),
        ("direct", {Code.OFFLINE, Code.UNKNOWN_SIGN, Code.UNREACHABLE, Code.NO_ANSWER, Code.PROGRAM_UNUSABLE}),
    ],
)  # fmt: skip
def test_what_a_transport_tells_of_a_link_are_codes_with_words(
    transport: str, some: set[Code]
) -> None:
    folder = settings.BASE / "sessions" / "transports" / transport
    told = {
        reason
        for path in folder.glob("*.py")
        for reason in written(import_module(f"sessions.transports.{transport}.{path.stem}"))
    }
    assert some <= told
    assert told <= {*Code.values, UNLIMITED}  # which is kept nowhere


def stands(session: WhatsAppSession, code: Code) -> None:
    """It stopped for this reason, or could not be linked for it."""
    if session.state == State.UNLINKED:
        Pairing.objects.create(link=session.link, status="failed", reason=code, params=PARAMS)
        return
    session.link.state_reason, session.link.state_params = code, PARAMS
    session.link.save()
    SessionEvent.objects.create(
        session=session, link=session.link, state=State.OFFLINE, reason=code, params=PARAMS
    )


def test_an_english_reader_finds_no_portuguese_reason(client: Client, owner: Membership) -> None:
    accepted = {"business": owner.business, "terms_accepted_at": "2026-11-01T12:00:00Z"}
    stopped = factories.make_session(**accepted, state=State.STOPPED)
    unlinked = factories.make_session(**accepted, state=State.UNLINKED)
    places = {
        f"/whatsapp/{stopped.pk}/": stopped,
        f"/whatsapp/{unlinked.pk}/conectar/": unlinked,
        f"/api/v1/sessions/{stopped.pk}/": stopped,
    }
    offenders = []
    for code, path in product(CODES, places):
        stands(places[path], code)
        portuguese, english = said(code, "pt-br"), said(code, "en")
        page = client.get(path).content.decode()
        is_told = english in page or escape(english) in page
        if portuguese == english or not is_told or portuguese in page:
            offenders.append((path, code))
    assert offenders == []


def test_support_reads_reasons_in_english_too(client: Client, db: None) -> None:
    staff = factories.make_user(is_staff=True, is_superuser=True)
    support.sign_in(client, staff)
    client.cookies["django_language"] = "en"
    session = factories.make_session(
        factories.make_business(), state_reason=Code.HOME_UNUSABLE, state_params=PARAMS
    )
    for code in CODES:
        SessionEvent.objects.create(
            session=session, link=session.link, state="offline", reason=code, params=PARAMS
        )
        Pairing.objects.create(link=session.link, status="failed", reason=code, params=PARAMS)
    for path in ("sessionevent/", "pairing/", f"whatsappsession/{session.pk}/change/"):
        page = client.get(f"/admin/wa_sessions/{path}").content.decode()
        found = [code for code in CODES if said(code, "pt-br") in page]
        assert found == [], path
        assert escape(said(Code.HOME_UNUSABLE, "en")) in page


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    assert in_words("of_yesterday", {}) == "of_yesterday"
