"""The owner is told of a session that can't send."""
