"""The clusters of django-q2, as its setting Q_CLUSTER wants them: jobs, browser and pairing."""

from typing import Any


def settings(*, node: str, slots: int, pairing_slots: int, visit_seconds: int) -> dict[str, object]:
    """Q_CLUSTER of a node with that many browser and pairing slots, whose visits last that long.

    django-q2 redelivers a running task (all may be) after `retry`: timeout is below. Visits end before.
    """
    slot: dict[str, Any] = {
        "workers": slots,
        "queue_limit": 1,
        "bulk": 1,
        "timeout": max(240, visit_seconds) + 120,
        "retry": max(240, visit_seconds) + 180,
        "max_attempts": 1,
        "ack_failures": True,
    }
    return {
        "name": "jobs",
        "orm": "default",
        "broker_class": "blu.jobs.broker.Broker",
        "workers": 2,
        "timeout": 900,
        "retry": 1200,
        "max_attempts": 3,
        "ack_failures": False,
        "bulk": 1,
        "queue_limit": 4,
        "poll": 0.2,
        "save_limit": -1,
        # Nothing runs by the clock of a table: a row of Schedule may name any callable there is.
        "scheduler": False,
        "ALT_CLUSTERS": {
            f"browser-{node}": slot,
            f"pairing-{node}": {**slot, "workers": pairing_slots},
        },
    }
