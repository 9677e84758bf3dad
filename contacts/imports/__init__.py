"""A spreadsheet of contacts, from its upload to its last row in the database."""
