"""Erasing a person: all that is known of them goes, by one function of the database (docs/decisions/0054)."""
