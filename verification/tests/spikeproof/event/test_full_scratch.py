"""Working memory that is full at a later sample of a block: the samples before it are run again, none is left out."""

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_verification.checks.tolerances import RUN

pytestmark = pytest.mark.compiled


def busy_at_the_end(n_neurons=128, quiet=15, events=100):
    """Recurrent neurons; the last sample has many more spikes than all before it."""
    network = Network(
        [Input("in", 1)], [Population("n", n_neurons)], [Projection("in", "n"), Projection("n", "n", delay=1.0)]
    )
    rng = np.random.default_rng(0)
    weights = {"in->n": 10.0 + rng.random((1, n_neurons)), "n->n": rng.normal(0.0, 0.02, (n_neurons, n_neurons))}
    parameters = Parameters(weights, {"n": NeuronParameters(tau_mem=20.0, tau_syn=5.0)})
    few = [([1.0], [0])] * quiet
    many = (list(np.linspace(1.0, 79.0, events)), [0] * events)
    stimulus = Stimulus.of_samples([*few, many], duration=80.0)
    return Problem(network, parameters, stimulus, SpikeTimeSum("n"), "busy at the end")


def test_a_batch_has_the_spikes_of_its_samples_alone():
    problem = busy_at_the_end()
    n_samples = problem.stimulus.n_samples
    batch = EventEngine(threads=1).solve(problem)
    spikes, slopes = batch.spikes, np.zeros((128, 128))
    assert spikes.offsets[-1] == len(spikes)
    for s in range(n_samples):
        alone = EventEngine(threads=1).solve(problem.select([s]))
        assert np.array_equal(spikes.sample(s).times, alone.spikes.times)
        assert np.array_equal(spikes.sample(s).neurons, alone.spikes.neurons)
        slopes += alone.gradients.weights["n->n"] / n_samples
    assert len(spikes.sample(0)) < len(spikes.sample(n_samples - 1)) / 10
    assert np.max(np.abs(batch.gradients.weights["n->n"] - slopes)) <= RUN * np.max(np.abs(slopes))
