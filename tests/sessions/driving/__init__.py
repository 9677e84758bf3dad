"""What drives a linked account."""
