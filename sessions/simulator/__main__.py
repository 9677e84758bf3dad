"""`python -m sessions.simulator`: one process that plays WhatsApp for trial, tests and benchmarks.

It knows neither Django nor the settings, and so starts in half the time.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from sessions.simulator import server


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; one line and exit status 1 when the port or the folder can't be used."""
    options = _parser().parse_args()
    os.umask(0o077)

    def announce(port: int) -> None:
        sys.stdout.write(
            f"simulator: http://{options.host}:{port}/phones/ (record in {options.data})\n"
        )
        sys.stdout.flush()

    try:
        server.run(
            data=options.data,
            host=options.host,
            port=options.port,
            scale=options.time_scale,
            seeded=options.seed,
            ready=announce,
        )
    except server.CannotServe as error:
        sys.exit(f"simulator: {error}")


def _parser() -> ArgumentParser:
    """The port, the folder of the record, and what to start with."""
    scale = float(os.environ.get("BLU_TIME_SCALE", "1"))
    parser = ArgumentParser(
        prog="python -m sessions.simulator",
        description="Plays WhatsApp on a local port: the web page, phones, recipients, and /truth.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--data", type=Path, required=True, help="folder of the record")
    parser.add_argument("--seed", action="store_true", help="start with a few dozen conversations")
    parser.add_argument("--time-scale", type=float, default=scale, help="multiplies every wait")
    return parser


if __name__ == "__main__":
    main()
