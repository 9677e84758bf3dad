"""What tests/forked.py forks its processes from has imported this: blü, as a worker of a cluster has it, and a host's messages."""

from contextlib import suppress

import django

django.setup()

import blu.tasks  # noqa: E402, F401
import tests.forked  # noqa: E402, F401
from sessions.transports.direct.library import WrongLibrary, installed, load_messages  # noqa: E402

# The library itself does not outlive a fork.
with suppress(WrongLibrary):
    load_messages(installed())
