"""Tasks asked for, taken and answered."""
