"""Writing a campaign and sending it on its way."""
