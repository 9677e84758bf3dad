"""An account at the API for a link."""

from typing import Any

from django.conf import settings

from sessions.models import Link
from tests.cloud.kind.transport import CloudTransport


def make(link: Link, **_wiring: Any) -> CloudTransport:
    """It speaks to one server, as the account of one number."""
    return CloudTransport(getattr(settings, "CLOUD_URL", "http://127.0.0.1:9"), link.home)
