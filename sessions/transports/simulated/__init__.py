"""A client of the simulator, for tests, chaos and benchmarks."""

from sessions.transports.simulated.transport import SimulatedTransport

__all__ = ["SimulatedTransport"]
