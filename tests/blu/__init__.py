"""Tests of the rooms of blu, beside each other."""
