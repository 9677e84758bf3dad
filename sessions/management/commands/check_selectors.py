"""`manage.py check_selectors`: which candidate of each element matches on a live page."""

import contextlib
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blu.ops import environment
from sessions.driving import homes, runners
from sessions.events import Address, Text
from sessions.interfaces import (
    InDoubt,
    Key,
    LeaseLost,
    LinkLost,
    NotSent,
    Outgoing,
    PairingCode,
)
from sessions.models import WhatsAppSession
from sessions.registry import backend_of
from sessions.simulator.client import CallRefused, SimulatorAway, SimulatorClient
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.backend import browser_on
from sessions.transports.browser.selector_audit import FOR_LINKING, FOR_SENDING, SelectorAudit

ACCOUNT = "+5511900000001"
PERSON = "+5511900000002"
LINK_SECONDS = 60.0


class Command(BaseCommand):
    """Look, list and judge; nothing is sent to anybody who isn't simulated."""

    help = "Lists which candidate of each element a live WhatsApp Web page has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A session's page, or any page in a fresh browser."""
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--session", type=int, help="id of a linked browser session")
        where.add_argument("--url", help="a page in a fresh browser; a simulator is linked first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when an element that is needed is missing, or an icon is unknown."""
        environment.forget()
        try:
            with _opened(options) as transport:
                audit = transport.audit()
                self._tell(audit, transport)
        except LinkLost as lost:
            raise CommandError(f"the page did not open: {lost.reason}") from lost
        except LeaseLost as lost:
            raise CommandError("another process took the session over") from lost
        _judge(audit)

    def _tell(self, audit: SelectorAudit, transport: BrowserTransport) -> None:
        row = "{:<24}{:>6}  {:<10}{}"
        self.stdout.write(row.format("element", "nodes", "candidate", "selector"))
        for element, candidates in transport.selectors.elements.items():
            place = audit.place(element)
            needed = "*" if element in (FOR_SENDING if audit.linked else FOR_LINKING) else ""
            if place is None:
                self.stdout.write(row.format(f"{element}{needed}", "-", "-", ""))
                continue
            candidate = candidates[place]
            shown = candidate.get("css") or candidate["xpath"]
            shown += f"  ~ {candidate['text']}" if "text" in candidate else ""
            shown += f"  ({candidate.get('from', 'override')})"
            number = f"{place + 1}/{len(candidates)}"
            nodes = audit.counts[element][place]
            self.stdout.write(row.format(f"{element}{needed}", nodes, number, shown))
        self.stdout.write("* needed on this screen")
        self.stdout.write(f"screen: {audit.screen.value}")
        self.stdout.write(f"kinds of messages: {', '.join(sorted(audit.kinds)) or '-'}")
        for use, name in audit.modules.items():
            self.stdout.write(f"module for {use}: {name or '-'}")


def _judge(audit: SelectorAudit) -> None:
    if missing := audit.missing():
        raise CommandError(f"missing on the page: {', '.join(missing)}")
    if audit.unknown_icons:
        raise CommandError(f"unknown icons: {', '.join(sorted(audit.unknown_icons))}")
    if not audit.linked:
        raise CommandError("no account is linked: the elements for sending were not seen")


@contextlib.contextmanager
def _opened(options: dict[str, Any]) -> Iterator[BrowserTransport]:
    if options["url"]:
        with (
            tempfile.TemporaryDirectory(prefix="check-") as folder,
            _on_a_page(Path(folder), options["url"].rstrip("/")) as transport,
        ):
            yield transport
        return
    session = WhatsAppSession.objects.filter(pk=options["session"]).first()
    if session is None or session.linked_at is None:
        raise CommandError("there is no linked session with this id")
    with _on_a_session(session) as transport:
        yield transport


@contextlib.contextmanager
def _on_a_session(session: WhatsAppSession) -> Iterator[BrowserTransport]:
    """The page of a session's own home, under its lease as in a visit."""
    if session.link.node not in ("", settings.NODE):
        raise CommandError(f"the home of this session is on node {session.link.node!r}")
    transport = backend_of(session.link).make(session.link)
    if not isinstance(transport, BrowserTransport):
        raise CommandError("this session does not use a browser")
    with runners.running() as runner:
        held = runner.take(session.link.pk)
        if held is None:
            raise CommandError("the session is being driven; try again in a moment")
        homes.make_ready(session.link, held.token)
        try:
            transport.open()
            yield transport
        finally:
            transport.close()
            homes.keep(session.link, held.token)


@contextlib.contextmanager
def _on_a_page(folder: Path, url: str) -> Iterator[BrowserTransport]:
    transport = browser_on(folder, url)
    try:
        transport.open()
        _link_to_simulator(transport, SimulatorClient(url))
        yield transport
    finally:
        transport.close()


def _link_to_simulator(transport: BrowserTransport, simulator: SimulatorClient) -> None:
    """A simulator's own page is linked and written on first, so that there is all to see."""
    try:
        if "messages" not in simulator.health():
            return
    except (SimulatorAway, CallRefused, ValueError):
        return

    def scanned(code: PairingCode) -> None:
        simulator.scan(code.value, ACCOUNT)

    simulator.unlink(ACCOUNT)
    transport.pair(scanned, time.monotonic() + LINK_SECONDS)
    # Where an element is missing it fails: that is what the census is about to say.
    with contextlib.suppress(NotSent, InDoubt, LinkLost):
        transport.send(Outgoing(Key("check", 0), Address(PERSON), Text("Olá")), lambda: None)
