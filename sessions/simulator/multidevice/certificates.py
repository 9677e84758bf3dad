"""The chain by which a client knows its server: our own root, an intermediate, and the server's static key."""

from __future__ import annotations

import time
from typing import NamedTuple

from sessions.simulator.multidevice.curve import KeyPair, derived_pair
from sessions.simulator.multidevice.protobuf import pack
from sessions.simulator.multidevice.shapes import CERTIFICATE_CHAIN, CERTIFICATE_DETAILS

ROOT_SERIAL, INTERMEDIATE_SERIAL, LEAF_SERIAL = 0, 1, 2
DAY = 86400


class ServerKeys(NamedTuple):
    """What the server shows of itself. `root` stands in place of WhatsApp's own in a test's client."""

    root: KeyPair
    static: KeyPair
    chain: bytes


def server_keys(secret: bytes) -> ServerKeys:
    """The keys of one data folder: the same after every restart, the certificates from yesterday to next year."""
    root, between = derived_pair(secret, "root"), derived_pair(secret, "intermediate")
    static = derived_pair(secret, "static")
    chain = {
        "leaf": _certificate(between, static.public, LEAF_SERIAL, INTERMEDIATE_SERIAL),
        "intermediate": _certificate(root, between.public, INTERMEDIATE_SERIAL, ROOT_SERIAL),
    }
    return ServerKeys(root, static, pack(CERTIFICATE_CHAIN, chain))


def _certificate(issuer: KeyPair, key: bytes, serial: int, issuer_serial: int) -> dict[str, bytes]:
    now = int(time.time())
    details = {
        "serial": serial,
        "issuer_serial": issuer_serial,
        "key": key,
        "not_before": now - DAY,
        "not_after": now + 365 * DAY,
    }
    raw = pack(CERTIFICATE_DETAILS, details)
    return {"details": raw, "signature": issuer.sign(raw)}
