"""The equation ledger: its tables, its figure and its documents."""
