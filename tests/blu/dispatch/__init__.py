"""What `watch` does."""
