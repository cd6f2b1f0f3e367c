"""Networks of inputs that act on one population, which most closed forms are about."""

import numpy as np

from spikeproof import Input, Network, Parameters, Population, Problem, Projection


def one_layer(weights, stimulus, neuron, loss=None, *, kind="lif", name="n", delay=0.0, synapses=None):
    """The inputs "in" of `stimulus` and a population; `weights` has a row per channel, or an entry per synapse."""
    n_in, size = np.shape(weights) if synapses is None else (len(synapses.offsets) - 1, synapses.targets.max() + 1)
    projection = Projection("in", name, delay, synapses=synapses)
    network = Network((Input("in", n_in),), (Population(name, size, kind),), (projection,))
    return Problem(network, Parameters({f"in->{name}": weights}, {name: neuron}), stimulus, loss)
