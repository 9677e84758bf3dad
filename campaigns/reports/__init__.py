"""What became of a campaign: numbers, lists, each person's story."""
