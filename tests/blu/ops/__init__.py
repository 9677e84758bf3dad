"""Processes, secrets, roles and servers of a node."""
