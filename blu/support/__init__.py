"""The admin: for support staff."""
