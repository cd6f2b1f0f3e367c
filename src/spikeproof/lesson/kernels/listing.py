"""The spikes of a trace as a list. Loops: samples; steps; spikes. The caller owns the arrays that are written."""

from __future__ import annotations

from spikeproof.compiled import bare_kernel


@bare_kernel
def list_spikes(trace, offsets, steps, neurons, rises):
    """Write step, neuron and rise of V of each spike, those of a sample from its entry of `offsets` on.

    The rise is that of V in the step that ends at the spike, from 0 if the neuron was reset at its start.
    """
    for s in range(len(trace.v)):
        bounds, spiking, to = trace.bounds[s], trace.neurons[s], offsets[s]
        for k in range(len(trace.v[s]) - 1):
            before = bounds[k - 1] if k > 0 else bounds[k]
            for q in range(bounds[k], bounds[k + 1]):
                n = spiking[q]
                while before < bounds[k] and spiking[before] < n:
                    before += 1
                reset = k == 0 or (before < bounds[k] and spiking[before] == n)
                steps[to + q], neurons[to + q] = k, n
                rises[to + q] = trace.v[s, k, n] - (0.0 if reset else trace.v[s, k - 1, n])
