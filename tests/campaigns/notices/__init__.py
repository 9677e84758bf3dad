"""Messages outside campaigns."""
