"""All that is a business's own, as one file to take along."""
