"""What tests/forked.py forks its processes from has imported this: blü, as a worker of a cluster has it."""

import django

django.setup()

import blu.tasks  # noqa: E402, F401
import tests.forked  # noqa: E402, F401
