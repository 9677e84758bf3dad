"""Writing a campaign and sending it on its way: its text, its test, its launch."""
