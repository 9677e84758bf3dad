"""What stands around every request; settings.MIDDLEWARE has the order."""
