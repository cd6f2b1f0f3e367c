"""Readers of the tape for losses: potentials, maxima, first spikes."""
