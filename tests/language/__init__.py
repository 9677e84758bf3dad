"""Finding words that a person reads and that nobody marked for translation."""
