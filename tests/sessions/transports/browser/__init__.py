"""WhatsApp Web in a real Chromium."""
