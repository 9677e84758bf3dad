"""The line of the kind in tests/cloud/kind, as `registry.BACKENDS` would have it."""

from sessions.registry import Backend, RunsIn

CLOUD = Backend("Cloud API", "tests.cloud.kind.backend", RunsIn.HOST, urls="tests.cloud.kind.urls")
