"""Short dates for tables: Django's own fill a column with words."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i"
