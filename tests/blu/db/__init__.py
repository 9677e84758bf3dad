"""What is said to the database in more than one app."""
