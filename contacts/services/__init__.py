"""What can be done to contacts: one verb, one transaction each."""
