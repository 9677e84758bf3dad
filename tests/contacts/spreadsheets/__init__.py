"""Spreadsheets, read into people."""
