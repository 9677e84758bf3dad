"""Nobody sees another business's rows: two whole worlds, and every way to ask for a row by its key."""
