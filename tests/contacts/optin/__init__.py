"""Agreeing by oneself."""
