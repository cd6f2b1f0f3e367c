"""Experiments that train networks, and what is kept of them."""
