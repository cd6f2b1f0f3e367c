"""Experiments: studies, the ledger of equations, and seeded faults."""
