"""Many direct links in one process without a ledger, told what to do by JSON lines and telling by JSON lines.

python -m blu.lab.bench.transport_alone <package> <device store>. {"link": name} shows a code and says when it is open;
{"send": name, "to": [numbers], "text": …} writes to each, one after the other, and says how many were not taken.
"""

import json
import os
import sys
import threading
import time
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sessions.events import Address, Link, Text
from sessions.interfaces import InDoubt, Key, LinkLost, NotSent, Outgoing
from sessions.transports.direct.library import Library
from sessions.transports.direct.store import Store, ends_idle
from sessions.transports.direct.transport import DirectTransport

LINKED_WITHIN = 120.0  # seconds

_telling = threading.Lock()
_keys = count(1)


def main() -> None:
    """Until nothing more is asked."""
    library_package, store_url = sys.argv[1:3]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")  # the library's own stdout is silenced
    library = Library(Path(library_package))
    store = Store(store_url, ends_idle(store_url))
    links: dict[str, DirectTransport] = {}

    def tell(**said: Any) -> None:
        with _telling:
            out.write(json.dumps(said) + "\n")
            out.flush()

    def link(name: str) -> None:
        links[name] = transport = DirectTransport(lambda: library, store, name, is_linked=False)
        transport.open()
        deadline = time.monotonic() + LINKED_WITHIN
        opened = transport.pair(lambda code: tell(qr=code.value, of=name), deadline)
        tell(open=opened.link is Link.ONLINE, of=name)

    def send(name: str, to: list[str], text: str) -> None:
        failed = 0
        for number in to:
            failed += not _sent(links[name], number, text)
        tell(sent=name, failed=failed)

    tell(ready=True)
    for line in sys.stdin:
        asked = json.loads(line)
        work = (
            partial(link, asked["link"])
            if "link" in asked
            else partial(send, asked["send"], asked["to"], asked["text"])
        )
        threading.Thread(target=work, daemon=True).start()
    os._exit(0)  # the library's threads would keep the interpreter


def _sent(transport: DirectTransport, number: str, text: str) -> bool:
    """Hear what there is, as every step does, then send."""
    try:
        transport.acknowledge(transport.poll(0))
        message = Outgoing(Key("delivery", next(_keys)), Address(number), Text(text))
        return bool(transport.send(message, _before_wire))
    except (NotSent, InDoubt, LinkLost):
        return False


def _before_wire(message_id: str = "") -> None:
    """Nobody has to be told."""


if __name__ == "__main__":
    main()
