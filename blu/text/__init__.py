"""Texts that people type: phones, names, words to search by."""
