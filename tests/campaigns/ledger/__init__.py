"""What a drive claims and settles, what a launch writes, what a person decides."""
