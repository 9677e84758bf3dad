"""The line of the kind in tests/cloud/kind, as `registry.BACKENDS` would have it."""

from sessions.registry import Backend, PacingProfile, RunsIn

IN_FLIGHT = 8  # 80 messages a second, where each takes a tenth of one
CLOUD = Backend(
    "Cloud API", "tests.cloud.kind.backend", RunsIn.HOST,
    urls="tests.cloud.kind.urls", key_form="tests.cloud.kind.forms.KeyForm", in_flight=IN_FLIGHT, default_pacing=PacingProfile.QUOTA,
)  # fmt: skip
