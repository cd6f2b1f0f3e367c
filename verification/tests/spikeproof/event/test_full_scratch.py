"""Working memory and tapes that are full in the middle of a forward pass: nothing is lost, nothing is written twice."""

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
from spikeproof.event import forward
from spikeproof.event.kernels.core.scratch import new_scratch
from spikeproof.event.kernels.core.tape import new_tape
from spikeproof_verification.checks.tolerances import RUN
from spikeproof_verification.problems.loss_networks import loss_problem
from spikeproof_verification.problems.random_networks import random_problem
from spikeproof_verification.problems.sparse_networks import sparse_problem
from spikeproof_verification.problems.wide_networks import wide_problem

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


@pytest.fixture
def little_room(monkeypatch):
    """A function that gives later forward passes new memory, with room for a spike of each neuron, and short tapes."""

    def give(n_neurons):
        def scratch(lanes, room):
            return new_scratch(lanes, n_neurons if room == 2 * lanes else room)

        monkeypatch.setattr(forward, "scratch_for", scratch)
        monkeypatch.setattr(forward, "tape_for", lambda n_blocks, _arrivals, _spikes: new_tape(n_blocks, 3, 3))

    return give


def repeated(problem, seed):
    """The problem with its samples several times, in an order of chance."""
    s, rng = problem.stimulus, np.random.default_rng(seed)
    order = rng.integers(0, s.n_samples, 5)
    return problem.select([*order, *range(s.n_samples)])


@pytest.mark.parametrize("make", [random_problem, loss_problem, sparse_problem, wide_problem])
@pytest.mark.parametrize("first", [0, 12])
def test_however_little_room_there_is_the_bits_are_the_same(make, first, little_room):
    problems = [repeated(make(seed), seed) for seed in range(first, first + 12)]
    roomy = [EventEngine().solve(p) for p in problems]
    for problem, expected in zip(problems, roomy, strict=True):
        little_room(sum(p.size for p in problem.network.populations))
        found = EventEngine().solve(problem)
        assert np.array_equal(found.spikes.times, expected.spikes.times)
        assert np.array_equal(found.spikes.neurons, expected.spikes.neurons)
        assert np.array_equal(found.v_end, expected.v_end)
        assert found.loss == expected.loss
        assert np.array_equal(found.gradients.input_times, expected.gradients.input_times)
        for name, w in expected.gradients.weights.items():
            assert np.array_equal(found.gradients.weights[name], w)
