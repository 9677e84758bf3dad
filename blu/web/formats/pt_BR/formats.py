"""Short dates for tables: Django's own fill a column with words."""

DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "d/m/Y H:i"
