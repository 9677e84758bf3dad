"""An account at the API for a link."""

import json
from typing import Any

from django.conf import settings

from sessions.models import Link
from tests.cloud.kind.transport import CloudTransport


def make(link: Link, **_wiring: Any) -> CloudTransport:
    """It speaks to one server, as the account of one number, with the key that it was linked by."""
    key = json.loads(link.credentials)["key"] if link.credentials else ""
    return CloudTransport(getattr(settings, "CLOUD_URL", "http://127.0.0.1:9"), link.home, key)
