"""What the mp engine says of a problem beyond its gradients: differences, one-sided derivatives, rounding, Jacobian."""
