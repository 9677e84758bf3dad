"""WhatsApp's multi-device protocol over a WebSocket, as any standard client speaks it.

The facts (stanzas, field numbers, prefixes, token dictionary) are those that the public clients whatsmeow
and Baileys agree on; see "The multi-device protocol" in the README. All cryptography is OpenSSL's, by
`cryptography`.
"""
