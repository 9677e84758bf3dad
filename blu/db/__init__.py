"""The database, for more than one app: clocks, encryption, pages, limits, retries, triggers."""
