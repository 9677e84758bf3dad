"""What a business keeps for how long, and the nightly runs that forget the rest (docs/decisions/0054)."""
