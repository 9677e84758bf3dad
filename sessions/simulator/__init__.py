"""The simulator: one process that plays WhatsApp for trial, tests and benchmarks.

It imports nothing of the product, so that its record can be held against the product's ledger.
`server.py` puts the parts together; `state.py` is the world they share; `record.py` keeps it.
"""
