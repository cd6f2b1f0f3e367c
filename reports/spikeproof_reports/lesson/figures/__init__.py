"""The figures of the lesson's report."""
