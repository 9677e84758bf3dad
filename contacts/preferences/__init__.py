"""A person's own page, behind a signed link: what they receive, what is known of them, and the way out."""
