"""What the API tells of an account."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from sessions.driving.webhook_events import hear
from sessions.events import Address, Event, Incoming, LinkChange, Receipt, Text, Tick, Undelivered
from sessions.events import Link as Of
from sessions.models import Link
from sessions.webhooks import webhook

SECRET = b"told to the API and to nobody else"


def signature(body: bytes) -> str:
    """What the API adds to a body, so that it is known to come from there."""
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def is_signed(request: HttpRequest) -> bool:
    """Whether the body is the API's."""
    return hmac.compare_digest(request.headers.get("X-Signature", ""), signature(request.body))


@webhook(is_signed)
def told(request: HttpRequest, account: str) -> HttpResponse:
    """Keep each thing that is told."""
    link = get_object_or_404(Link, transport="cloud", home=account)
    for one in json.loads(request.body):
        hear(link, _event(one))
    return HttpResponse()


def _event(one: dict[str, str]) -> Event:
    now = datetime.now(UTC)
    if one.get("tick") == "failed":
        return Undelivered(one["id"], now)
    if "tick" in one:
        return Receipt(one["id"], Tick(one["tick"]), now)
    if "link" in one:
        return LinkChange(Of(one["link"]))
    return Incoming(Address(one["from"]), one["id"], Text(one["text"]), now)
