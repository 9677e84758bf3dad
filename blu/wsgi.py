"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from blu.lib import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blu.settings")
application = get_wsgi_application()
environment.forget()
