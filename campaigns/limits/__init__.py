"""How fast a session may send, and what stops a campaign by itself."""
