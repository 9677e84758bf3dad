"""The benches behind `manage.py bench`: one module each, every floor measured in the same run."""
