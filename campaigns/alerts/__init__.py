"""Incidents: sessions that can't send, and the e-mails to their owners."""
