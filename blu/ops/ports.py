"""Is a port free, does a server answer: asked before and after starting one."""

import errno
import http.client
import socket

ANY = ("0.0.0.0", "::", "")


def taken(host: str, port: int) -> bool:
    """Returns whether a process already listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refused:
            return refused.errno == errno.EADDRINUSE
        return False


def answers(host: str, port: int, path: str = "/", *, seconds: float = 5.0) -> bool:
    """Whether an HTTP server there gives any answer but a failure of its own (5xx)."""
    connection = http.client.HTTPConnection(
        "127.0.0.1" if host in ANY else host, port, timeout=seconds
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
