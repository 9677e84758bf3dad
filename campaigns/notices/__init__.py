"""Messages outside campaigns: the test to oneself, and the proof of the number it goes to."""
