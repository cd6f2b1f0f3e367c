"""What losses read from the tape: potentials, maxima, first spikes."""
