"""The campaign pages, one module a subject."""
