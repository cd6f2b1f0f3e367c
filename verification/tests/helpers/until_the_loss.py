"""Runs until the loss is determined, beside those to the end: engines, what must be equal, a network of layers."""

from __future__ import annotations

from dataclasses import fields, replace
from unittest import mock

import numpy as np

import spikeproof.event.until as until_module
from spikeproof import (
    EventEngine,
    EventLimitExceeded,
    FirstSpikeCrossEntropy,
    GrazingSpike,
    InvalidInput,
    NeuronParameters,
    Parameters,
    Problem,
    chain,
    normal_weights,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem

END, LOSS = EventEngine(), EventEngine(until="loss")
HORIZONS = (0.0, 0.1, 0.25, 0.5, 0.9)  # of T


def numbers(solution):
    """Loss and gradients of a solution, each after its name."""
    yield "sample losses", solution.sample_losses
    for n, seen in enumerate(solution.observed):
        if seen is not None:
            yield f"observed {n}", seen
    g = solution.gradients
    yield "input times", g.input_times
    for name in g.weights:
        yield f"weights {name}", g.weights[name]
        if g.delays is not None:
            yield f"delays {name}", g.delays[name]
    for name, neurons in (g.neurons or {}).items():
        for field in fields(neurons):
            if getattr(neurons, field.name) is not None:
                yield f"{field.name} of {name}", getattr(neurons, field.name)


def spikes_until(solution, until):
    """Times and neurons of the spikes of each sample up to a time."""
    for n in range(solution.spikes.n_samples):
        own = solution.spikes.sample(n)
        early = own.times <= until[n]
        yield own.times[early], own.neurons[early], own.vdot[early]


def assert_same_bits(short, full):
    """Same loss and gradients; all spikes until a sample was followed, and no others."""
    assert short.loss == full.loss
    for (name, a), (_, b) in zip(numbers(short), numbers(full), strict=True):
        assert np.array_equal(a, b), name  # 0 equals -0
    until = np.full(full.spikes.n_samples, full.problem.stimulus.duration) if short.until is None else short.until
    assert len(short.spikes) == sum(len(times) for times, _, _ in spikes_until(full, until))
    for a, b in zip(spikes_until(short, until), spikes_until(full, until), strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def solved(problem):
    """The solutions of both engines; None if a run to the end is refused."""
    try:
        full = END.solve(problem)
    except (GrazingSpike, EventLimitExceeded, InvalidInput):
        return None
    return LOSS.solve(problem), full


class Always(dict):
    """Horizons of runs before: one that nobody has found, in place of all."""

    def __init__(self, horizon):
        super().__init__()
        self.horizon = horizon

    def get(self, kind, default=None):
        return self.horizon


def at_horizon(problem, part, engine=LOSS):
    """The solution until the loss, the samples being followed to this part of T at first."""
    always = Always(part * float(problem.stimulus.duration))
    with mock.patch.object(until_module, "_horizons", always):
        return engine.solve(problem)


def batch(n=70, seed=0, delay=0.0):
    """Yin-Yang samples on a network of three layers, with a delay from the second one on."""
    samples, labels = yin_yang(n, seed=seed)
    plain = yin_yang_problem(samples, labels, seed=0)
    network = chain(plain.network.inputs[0], 40, 30, 3)
    network = replace(
        network, projections=tuple(replace(p, delay=delay * k) for k, p in enumerate(network.projections))
    )
    moments = {p.name: m for p, m in zip(network.projections, ((1.5, 0.8), (0.6, 0.3), (0.6, 0.2)), strict=True)}
    weights = normal_weights(network, moments, seed=seed)
    neurons = {p.name: NeuronParameters(tau_mem=20.0, tau_syn=5.0) for p in network.populations}
    loss = FirstSpikeCrossEntropy(network.populations[-1].name, labels, tau0=0.5, tau1=6.4, alpha=0.003)
    return Problem(network, Parameters(weights, neurons), plain.stimulus, loss)
