"""The pages of contacts, topics, segments and imports: they only translate."""
