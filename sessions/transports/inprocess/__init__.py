"""A stand-in inside the process, for tests of the drive and benches."""

from sessions.transports.inprocess.transport import InProcessTransport

__all__ = ["InProcessTransport"]
