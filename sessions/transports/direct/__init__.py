"""WhatsApp's multi-device protocol over a WebSocket, spoken by the native library of neonize (docs/decisions/0047)."""

from sessions.transports.direct.transport import DirectTransport

__all__ = ["DirectTransport"]
