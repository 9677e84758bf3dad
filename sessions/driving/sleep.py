"""A hosted session whose limits let nothing out yet: until then its looks find no work there."""

from datetime import datetime

from sessions.interfaces import LeaseToken
from sessions.models import WhatsAppSession


def put_to_sleep(token: LeaseToken, *, until: datetime) -> None:
    """Nothing can be claimed before `until`. A session that was woken since the last look stays awake.

    Waking empties `idle_until` and `retry_at`. Who wakes it while this is being written is seen by the
    second statement, who does so afterwards has the last word.
    """
    session = WhatsAppSession.objects.filter(active_link=token.link_id)
    session.filter(active_link__retry_at__isnull=False).update(idle_until=until)
    session.filter(active_link__retry_at__isnull=True, idle_until=until).update(idle_until=None)
