"""One contact by hand: seen, written, corrected."""
