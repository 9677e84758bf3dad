"""Linking and unlinking."""
