"""From the upload to the last row."""
