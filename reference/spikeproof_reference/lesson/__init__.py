"""References of the lesson: mpmath, fractions and plain Python, with algorithms of their own."""
