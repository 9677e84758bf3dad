"""The laboratory: benches, chaos and demo. No product module imports it."""
