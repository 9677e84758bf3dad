"""The first page, and the shell around every page."""
