"""What pages of every app share: the look's tags, numbers, dates, middleware."""
