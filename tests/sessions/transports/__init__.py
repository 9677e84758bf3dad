"""The kinds of link."""
