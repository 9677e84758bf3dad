"""The owner is told."""
