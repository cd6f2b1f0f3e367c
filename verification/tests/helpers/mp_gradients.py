"""Gradients of the reference as flat lists, and random directions, for its tests."""

from __future__ import annotations

import mpmath
import numpy as np

from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference import Direction, parameters_of

DIGITS = 30


def assert_close(actual, expected, digits=DIGITS, scale=None):
    """Relative to the largest entry, in mpmath; a non-finite number fails."""
    ctx = mpmath.MPContext()
    ctx.dps = 120
    actual, expected = np.ravel(actual), np.ravel(expected)
    assert actual.shape == expected.shape
    scale = max((abs(ctx.convert(x)) for x in expected), default=0) if scale is None else scale
    for k, (a, b) in enumerate(zip(actual, expected, strict=True)):
        assert abs(a - b) <= scale * ctx.mpf(10) ** -digits, f"entry {k}: {a} instead of {b}"


def assert_each_close(actual, expected, digits=DIGITS):
    """Relative to each entry; a non-finite number fails."""
    for k, (a, b) in enumerate(zip(actual, expected, strict=True)):
        assert abs(a - b) <= abs(b) * mpmath.mpf(10) ** -digits, f"entry {k}: {a} instead of {b}"


def entry(gradients, p):
    """The derivative for a parameter."""
    if p.kind == "input_time":
        return gradients.input_times[p.i]
    if p.kind in ("weight", "delay"):
        return (gradients.weights if p.kind == "weight" else gradients.delays)[p.projection][p.i, p.j]
    return getattr(gradients.neurons[p.projection], p.kind)[p.i]


def flat(problem, gradients):
    """All derivatives in the order of `parameters_of`."""
    return [entry(gradients, p) for p in parameters_of(problem)]


def direction_of(problem, seed=0):
    """A direction in which every parameter changes."""
    rng = np.random.default_rng(seed)
    weights, delays = (
        {name: rng.normal(size=w.shape) for name, w in problem.parameters.weights.items()} for _ in range(2)
    )
    neurons = {
        p.name: {
            name: 0.1 * rng.normal(size=p.size)
            for name in PARAMETER_NAMES
            if getattr(problem.parameters.neurons[p.name], name) is not None
        }
        for p in problem.network.populations
    }
    return Direction(weights, rng.normal(size=len(problem.stimulus.times)), delays, neurons)


def along(problem, gradients, direction):
    """Inner product of the gradient and a direction."""
    total = np.sum(gradients.input_times * direction.input_times)
    for name in gradients.weights:
        total += np.sum(gradients.weights[name] * direction.weights[name])
        total += np.sum(gradients.delays[name] * direction.delays[name])
    for population, parameters in direction.neurons.items():
        for name, d in parameters.items():
            total += np.sum(getattr(gradients.neurons[population], name) * d)
    return total
