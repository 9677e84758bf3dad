"""How fast a session may send."""
