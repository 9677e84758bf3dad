"""What pages of every app share: template tags, numbers, dates, middleware."""
