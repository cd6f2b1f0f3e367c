"""Neurons of a large recurrent component are as exact as alone, but for the rounding of its many events."""

import numpy as np
import pytest

import spikeproof as sp
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import EPS

WATCHED, DURATION = 10, 40.0


def problems(n_others):
    """Neurons with inputs of their own beside others that spike often and act on nobody; and the same ones alone."""
    rng = np.random.default_rng(4)
    weights = np.zeros((WATCHED, WATCHED + n_others))
    weights[np.arange(WATCHED), np.arange(WATCHED)] = rng.uniform(2.0, 4.0, WATCHED)
    bias = np.concatenate([np.zeros(WATCHED), rng.uniform(24.0, 36.0, n_others)])
    times = np.sort(rng.uniform(0.0, 0.9 * DURATION, 12 * WATCHED))
    stimulus = sp.Stimulus.of_samples([(times, rng.integers(0, WATCHED, len(times)))], DURATION)

    def problem(size, projections, more):
        network = sp.Network([sp.Input("in", WATCHED)], [sp.Population("a", size)], projections)
        neurons = {"a": sp.NeuronParameters(20.0, 5.0, bias=bias[:size])}
        return sp.Problem(network, sp.Parameters({"in->a": weights[:, :size], **more}, neurons), stimulus)

    size, external, internal = WATCHED + n_others, sp.Projection("in", "a"), sp.Projection("a", "a")
    alone = problem(WATCHED, [external], {})
    return problem(size, [external, internal], {"a->a": np.zeros((size, size))}), alone


def of_the_watched(spikes):
    own = np.flatnonzero(spikes.neurons < WATCHED)
    own = own[np.lexsort((spikes.times[own], spikes.neurons[own]))]
    return spikes.neurons[own], spikes.times[own], spikes.vdot[own]


@pytest.mark.compiled
@pytest.mark.parametrize("n_others", [1, 30, 300])
def test_the_rounding_of_events_adds_up_like_a_random_walk_and_no_faster(n_others):
    crowded, alone = problems(n_others)
    spikes = sp.EventEngine().run(crowded).spikes
    neurons, times, vdot = of_the_watched(spikes)
    exact_neurons, exact_times, _ = of_the_watched(MpEngine(20).solve(alone).spikes)
    assert np.array_equal(neurons, exact_neurons)
    errors = np.array([float(abs(e - t)) for e, t in zip(exact_times, times, strict=True)]) / (EPS * (times + 1 / vdot))
    assert len(errors) > 40
    assert np.sqrt(np.mean(errors**2)) < 1.5 + 0.1 * np.sqrt(len(spikes))
