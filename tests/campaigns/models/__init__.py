"""States and what the database holds to."""
