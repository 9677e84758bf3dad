"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import DEFAULT_DB_ALIAS, connections
from django.urls import get_resolver

from blu.ops import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blu.settings")
application = get_wsgi_application()
# A pooler may lend a page its connection for one transaction only (docs/decisions/0036).
connections.settings[DEFAULT_DB_ALIAS]["DISABLE_SERVER_SIDE_CURSORS"] = True
# All pages, before gunicorn forks its workers: none loads them for itself, at the first request.
get_resolver().url_patterns  # noqa: B018
environment.forget()
