"""The campaign: its plan, one case at a time, worker processes, and the store of finished cases."""
