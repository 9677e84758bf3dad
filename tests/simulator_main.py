"""The process of a simulator in tests: what `manage.py simulator` serves, started without Django.

A third of the processor time: dozens of files start one, and some kill it again and again. The command
itself is started by whole houses, and by `tests/sessions/test_simulator_record.py`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sessions.simulator import server


def main() -> None:
    """Serve until SIGTERM; one line says where."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--time-scale", type=float, required=True)
    parser.add_argument("--seed", action="store_true")
    chosen = parser.parse_args()
    server.run(
        data=chosen.data,
        host="127.0.0.1",
        port=chosen.port,
        scale=chosen.time_scale,
        seeded=chosen.seed,
        ready=lambda port: print(f"http://127.0.0.1:{port}/", flush=True),  # noqa: T201
    )


if __name__ == "__main__":
    main()
