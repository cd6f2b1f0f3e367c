"""Losses in the numbers of the mp engine: what they observe, their values, and how they pull at V and at spikes."""
