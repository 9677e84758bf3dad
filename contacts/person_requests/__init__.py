"""What people ask about their own data, tracked until it is answered."""
