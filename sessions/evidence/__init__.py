"""What a page showed that is not understood: kept, cut to codes, opened for a reason."""
