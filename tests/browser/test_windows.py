"""A window that one test after the other looks through is as new for each; nobody answers late."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from playwright.sync_api import Page

from tests.browser.answers import Answers
from tests.browser.looking import Look
from tests.browser.windows import SIZE
from tests.factories import make_membership

KEPT = """async () => {
    const permission = await navigator.permissions.query({name: "clipboard-read"});
    return ["mine" in localStorage, "mine" in sessionStorage, permission.state === "granted",
            matchMedia("(prefers-color-scheme: dark)").matches];
}"""


def use(page: Page) -> None:
    """Leave behind what a test may leave behind."""
    page.evaluate("() => { localStorage.mine = sessionStorage.mine = '1'; }")
    page.context.grant_permissions(["clipboard-read"])
    page.emulate_media(color_scheme="dark")
    page.route("**/conta/**", lambda route: route.abort())
    page.context.new_page()


@pytest.mark.browser
def test_a_window_that_was_used_is_as_new(look: Look) -> None:
    used = look("/conta/", make_membership().user, width=1280)
    assert used.evaluate(KEPT) == [False] * 4
    use(used)
    assert used.evaluate(KEPT) == [True] * 4
    look.close()
    page = next(look.each(["/conta/entrar/"]))
    assert page is used
    assert page.evaluate(KEPT) == [False] * 4
    assert page.viewport_size == SIZE
    assert page.context.pages == [page]
    page.goto(f"{look.url}/conta/")
    assert "/conta/entrar/" in page.url  # nobody is signed in


@pytest.mark.browser
def test_a_window_whose_clock_was_set_is_refused_and_closed(look: Look) -> None:
    page = look("/conta/entrar/")
    page.clock.install()
    page.reload()
    with pytest.raises(AssertionError, match="asks for a window apart"):
        look.close()
    assert page.is_closed()


@pytest.mark.browser
def test_a_window_apart_is_nobody_elses(look: Look) -> None:
    page = look("/conta/entrar/", apart=True)
    look.close()
    assert page.is_closed()


class Server(ThreadedWSGIServer):
    """Answers what it is asked first once somebody else is connected as well."""

    asked, connected, said = Event(), Event(), list[str]()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        if self.asked.is_set():
            self.connected.set()
        return super().verify_request(request, client_address)

    def answer(self, _environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.asked.set()
        self.connected.wait(30)
        start("200 OK", [("Content-Length", "2")])
        self.said.append("answered")
        return [b"oi"]


def test_a_late_answer_is_waited_for() -> None:
    with Server(("localhost", 0), WSGIRequestHandler) as server:
        server.set_app(server.answer)
        serving = Thread(target=server.serve_forever)
        serving.start()
        answers = Answers(server)
        asking = Thread(target=urlopen, args=["http://{}:{}/".format(*server.server_address[:2])])
        with answers.ended():
            asking.start()
            assert server.asked.wait(30)
        server.said.append("ended")
        server.shutdown()
        serving.join()
        asking.join()
    assert server.said == ["answered", "ended"]
