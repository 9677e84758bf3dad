"""A copy of neonize that talks to this simulator: two byte strings of its library are replaced, nothing else.

The wheel itself is never touched. The copy checks the server's certificates as the original does, only against
the simulator's root; it can't reach WhatsApp, as it knows no address of theirs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

ADDRESS = b"wss://web.whatsapp.com/ws/chat"
ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


class NotTheLibrary(Exception):
    """What should be replaced does not stand exactly once in the library: this is another version."""


def copy_client(package: Path, folder: Path, *, port: int, root: bytes) -> Path:
    """Copy a neonize package into a folder, for the simulator at 127.0.0.1:`port` with this root key.

    Returns the folder, to stand first on PYTHONPATH; NotTheLibrary when the library isn't the one we know.
    """
    address = f"ws://127.0.0.1:{port}/ws/chat".encode()
    if len(root) != len(ROOT) or len(address) > len(ADDRESS):
        raise NotTheLibrary("the replacements must be as long as what they replace")
    address += b"/" * (len(ADDRESS) - len(address))
    target = folder / package.name
    shutil.copytree(package, target, ignore=shutil.ignore_patterns("*.so"))
    for library in package.glob("*.so"):
        data = library.read_bytes()
        if data.count(ADDRESS) != 1 or data.count(ROOT) != 1:
            raise NotTheLibrary(f"{library.name} has no such address and key, or several")
        (target / library.name).write_bytes(data.replace(ADDRESS, address).replace(ROOT, root))
    return folder
