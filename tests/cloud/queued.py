"""Campaigns on a link of the kind, whose API answers in this process."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from campaigns.models import Campaign, Delivery, SessionLimits
from sessions.models import WhatsAppSession
from tests import factories
from tests.cloud.server import Api, serving

# Whatever the hour at which the suite runs.
ALWAYS_OPEN: dict[str, Any] = {
    "opens": "00:00", "closes": "23:59:59.999999", "sundays": True, "raised_reason": "Combinado"
}  # fmt: skip


@transaction.atomic
def queue(number: int, *, daily: int | None = None, **fields: Any) -> WhatsAppSession:
    """A campaign of so many messages, under way on a link of the kind, at any hour."""
    session = factories.make_session(factories.make_business(), transport="cloud", **fields)
    send(session, number, daily=daily)
    return session


@transaction.atomic
def send(session: WhatsAppSession, number: int = 1, *, daily: int | None = None) -> None:
    """The same on a session that there is."""
    SessionLimits.objects.create(
        session=session, daily=daily, raised_at=timezone.now(), **ALWAYS_OPEN
    )
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    for _number in range(number):
        factories.make_delivery(campaign)


def count(**fields: Any) -> int:
    """So many deliveries are so."""
    return Delivery.objects.filter(**fields).count()


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    """It answers each message at once, unless told otherwise."""
    with serving(Api(lambda: None)) as api:
        settings.CLOUD_URL = api.url
        yield api
