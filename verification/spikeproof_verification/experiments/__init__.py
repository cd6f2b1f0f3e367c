"""Questions beyond the cases: studies of one each, the ledger of equations, and faults that checks must catch."""
