"""Texts that people type."""
