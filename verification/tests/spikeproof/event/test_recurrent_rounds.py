"""Recurrent components are taken several samples side by side: what happens in one does not depend on the others."""

from __future__ import annotations

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.errors import EventLimitExceeded


def recurrent_problem(n_samples: int = 21, delay: float = 0.0, sparse: bool = False, bias: float = 0.0) -> sp.Problem:
    """Two populations that act on each other, with three pairs of time constants, and a readout."""
    rng = np.random.default_rng(7)
    synapses = sp.Synapses.random(19, 12, 0.5, seed=1) if sparse else None
    network = sp.Network(
        (sp.Input("in", 10),),
        (sp.Population("a", 19), sp.Population("b", 12), sp.Population("out", 3)),
        (
            sp.Projection("in", "a"),
            sp.Projection("a", "a"),
            sp.Projection("a", "b", delay=delay, synapses=synapses),
            sp.Projection("b", "a", delay=0.5 * delay),
            sp.Projection("b", "out"),
        ),
    )
    weights = {
        p.name: rng.normal(1.0 if p.pre == "in" else -0.1, 0.4, network.weight_shape(p)) for p in network.projections
    }
    neuron = sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0, bias=bias)
    mixed = sp.NeuronParameters(tau_mem=rng.choice([5.0, 10.0], 12), tau_syn=5.0)
    samples = [(np.sort(rng.uniform(0.0, 30.0, n)), rng.integers(0, 10, n)) for n in rng.integers(0, 60, n_samples)]
    parameters = sp.Parameters(weights, {"a": neuron, "b": mixed, "out": neuron})
    return sp.Problem(network, parameters, sp.Stimulus.of_samples(samples, 50.0), sp.SpikeTimeSum("out"), "rounds")


def of_one_sample(problem: sp.Problem, sample: int) -> sp.Problem:
    """The same problem with a single sample."""
    s = problem.stimulus
    own = slice(s.offsets[sample], s.offsets[sample + 1])
    stimulus = sp.Stimulus.of_samples([(s.times[own], s.channels[own])], s.duration)
    return sp.Problem(problem.network, problem.parameters, stimulus, problem.loss, "alone")


@pytest.mark.parametrize(
    ("delay", "sparse", "bias"), [(0.0, False, 0.0), (1.0, True, 0.0), (0.0, True, 1.5), (2.0, False, -0.5)]
)
def test_a_sample_has_the_same_bits_alone_and_among_others(delay: float, sparse: bool, bias: float) -> None:
    problem = recurrent_problem(delay=delay, sparse=sparse, bias=bias)
    together = sp.EventEngine().run(problem).spikes
    assert len(together.times) > 100
    for sample in range(problem.stimulus.n_samples):
        alone = sp.EventEngine().run(of_one_sample(problem, sample)).spikes
        own = slice(together.offsets[sample], together.offsets[sample + 1])
        assert np.array_equal(alone.times, together.times[own])
        assert np.array_equal(alone.neurons, together.neurons[own])
        assert np.array_equal(alone.vdot, together.vdot[own])


def test_the_first_sample_with_too_many_events_is_named() -> None:
    problem = recurrent_problem()
    samples = range(problem.stimulus.n_samples)
    limit = int(np.max(np.diff(sp.EventEngine().run(problem).spikes.offsets)))
    with pytest.raises(EventLimitExceeded) as error:
        sp.EventEngine(event_limit=limit, threads=1).run(problem)
    too_many = [s for s in samples if _n_events(of_one_sample(problem, s)) > limit]
    assert 0 < len(too_many) < len(samples)
    assert error.value.sample == too_many[0]


def _n_events(problem: sp.Problem) -> int:
    """Spikes and arrivals: an input spike arrives once, a spike of the first two populations twice."""
    inner = sum(len(t) for t in sp.EventEngine().run(problem).spikes.trains(range(31)))
    return len(problem.stimulus.times) + 3 * inner + len(sp.EventEngine().run(problem).spikes) - inner
