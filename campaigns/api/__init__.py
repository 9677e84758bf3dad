"""The API of campaigns, templates and replies."""
