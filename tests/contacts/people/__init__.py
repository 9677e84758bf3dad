"""Contacts by hand."""
