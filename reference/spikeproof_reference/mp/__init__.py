"""The mp engine: one global event loop and its adjoint in mpmath numbers, to any number of digits."""
