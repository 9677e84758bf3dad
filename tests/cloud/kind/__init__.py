"""A kind of link as the core sees one over HTTP: this folder and its line are all that it takes (0041)."""
