"""The processes, secrets, roles and servers of a node."""
