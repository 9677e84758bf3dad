"""What a page showed."""
