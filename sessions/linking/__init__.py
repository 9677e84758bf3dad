"""Linking an account and unlinking it: pages, attempts, the job that shows codes."""
