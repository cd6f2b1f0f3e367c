"""Spikes of a layer within one interval are listed by time, and by neuron where times are the same."""

from __future__ import annotations

import numpy as np
import pytest

import spikeproof as sp


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("size", [2, 9, 17, 64, 100, 512, 701, 2500])
def test_many_spikes_within_one_interval_are_in_order(size: int, together: bool) -> None:
    rng = np.random.default_rng(size)
    if together:  # some weights occur twice: their neurons spike together
        weights = rng.choice(np.linspace(8.0, 40.0, max(2, size // 2)), size)
    else:
        weights = rng.permutation(np.linspace(8.0, 40.0, size))
    network = sp.Network((sp.Input("in", 1),), (sp.Population("a", size),), (sp.Projection("in", "a"),))
    parameters = sp.Parameters({"in->a": weights[None, :]}, {"a": sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0)})
    problem = sp.Problem(network, parameters, sp.Stimulus.of_samples([([0.0], [0])], 30.0))
    spikes = sp.EventEngine().run(problem).spikes
    assert len(spikes) > size
    assert np.array_equal(np.lexsort((spikes.neurons, spikes.times)), np.arange(len(spikes)))
    trains = spikes.trains(range(size))
    strong, weak = int(np.argmax(weights)), int(np.argmin(weights))
    assert len(trains[strong]) >= len(trains[weak]) >= 1
    assert all(np.all(np.diff(train) > 0.0) for train in trains)
    for n in range(size):  # each neuron has the spikes that its weight gives, wherever it stands
        twin = int(np.flatnonzero(weights == weights[n])[0])
        assert np.array_equal(trains[n], trains[twin])


@pytest.mark.parametrize("size", [2, 5, 40])
def test_neurons_that_spike_together_are_listed_by_number(size: int) -> None:
    weights = np.full(size, 10.0)
    network = sp.Network((sp.Input("in", 1),), (sp.Population("a", size),), (sp.Projection("in", "a"),))
    parameters = sp.Parameters({"in->a": weights[None, :]}, {"a": sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0)})
    problem = sp.Problem(network, parameters, sp.Stimulus.of_samples([([0.0], [0])], 4.0))
    spikes = sp.EventEngine().run(problem).spikes
    assert np.array_equal(spikes.neurons, np.tile(np.arange(size), len(spikes) // size))
    assert len(np.unique(spikes.times)) == len(spikes) // size == 1
