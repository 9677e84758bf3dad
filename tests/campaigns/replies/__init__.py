"""What people write back."""
