"""Training experiments: what is trained, what is kept of it, and the report."""
