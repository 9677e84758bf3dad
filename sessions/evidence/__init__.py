"""Evidence of pages that the driver didn't understand: stored sealed, opened with a reason."""
