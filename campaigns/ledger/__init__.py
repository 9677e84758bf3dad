"""The ledger at work: what a drive claims, presses, settles and hears; what a launch writes; what a person decides."""
