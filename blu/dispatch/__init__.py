"""What `watch` does: due work is enqueued, and its node is tended."""
