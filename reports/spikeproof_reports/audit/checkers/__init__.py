"""Generic checkers of gradients, shown seeded faults: which checker sees which fault."""
