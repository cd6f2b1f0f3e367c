"""The plateaus of a discrete network along a line in weight space, exactly, in fractions.

For given spikes every V is an affine function of the place s on the line, so that the next s at which a spike appears
or vanishes is the least root of finitely many such functions, a rational number. Rational numbers are those of gmpy2:
Python's own take ten times as long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from gmpy2 import mpq

from spikeproof import Network, NeuronParameters, Parameters, Problem, Stimulus, chain
from spikeproof_reference.lesson.discrete import Coefficients, Path, hard_step, path

Weights: TypeAlias = dict[str, list[list[Any]]]
DECAY = mpq(15, 16)  # exp(-dt / tau) of the discrete neuron


@dataclass(frozen=True)
class Affine:
    """``value + slope * s``; sums of such numbers, and products with plain ones."""

    value: Any
    slope: Any

    def __add__(self, other: Any) -> Affine:
        if isinstance(other, Affine):
            return Affine(self.value + other.value, self.slope + other.slope)
        return Affine(self.value + other, self.slope)

    def __mul__(self, other: Any) -> Affine:
        return Affine(self.value * other, self.slope * other)

    def __sub__(self, other: Any) -> Affine:
        return self.__add__(-1 * other)

    __radd__ = __add__
    __rmul__ = __mul__


@dataclass(frozen=True)
class Line:
    """The weights ``start + s direction``, s from 0 to 1, of a network of delta synapses in steps of 1."""

    problem: Problem
    start: Mapping[str, Any]
    direction: Mapping[str, Any]

    def weights(self, number: Callable[[Any, Any], Any]) -> Weights:
        """The weights, each made from its start and its direction."""
        return {
            name: [[number(mpq(float(w)), mpq(float(d))) for w, d in zip(*rows, strict=True)] for rows in pairs]
            for name, pairs in ((name, zip(self.start[name], self.direction[name], strict=True)) for name in self.start)
        }

    def at(self, s: Any) -> Path:
        """V and S at a place of the line."""
        return run(self.problem, self.weights(lambda w, d: w + s * d))


@dataclass(frozen=True)
class Plateau:
    """An interval of the line, without its ends, on which no spike changes: the spikes, and V as affine functions."""

    start: Any
    stop: Any
    spikes: list[list[int]]

    def inside(self) -> list[Any]:
        """Three places within it, two of them close to its ends."""
        width = self.stop - self.start
        return [self.start + width / 2**40, (self.start + self.stop) / 2, self.stop - width / 2**40]


def run(problem: Problem, weights: Weights, step: Callable[[Any], Any] = hard_step) -> Path:
    """V and S of the discrete network ``V_{k+1} = DECAY V_k (1 - S_k) + arrivals of step k``, threshold 1."""
    n = problem.network.n_neurons
    zero, one = [mpq(0)] * n, [mpq(1)] * n
    own = Coefficients([DECAY] * n, zero, one, zero, one, zero, zero)
    return path(problem, 1.0, own, weights, synapse="delta", step=step)


def plateaus(line: Line) -> list[Plateau]:
    """All plateaus of the line, in order."""
    found, s = [], mpq(0)
    while s < 1:
        found.append(_plateau_after(line, s))
        s = found[-1].stop
    return found


def _plateau_after(line: Line, s: Any) -> Plateau:
    """The plateau that begins at s."""
    stop = mpq(1)

    def step(x: Any) -> int:
        nonlocal stop
        if not isinstance(x, Affine):  # no weight has reached this neuron
            return hard_step(x)
        here = x.value + s * x.slope
        if x.slope != 0 and -x.value / x.slope > s:
            stop = min(stop, -x.value / x.slope)
        return 1 if here > 0 or (here == 0 and x.slope > 0) else 0

    spikes = run(line.problem, line.weights(Affine), step).s
    return Plateau(s, stop, spikes)


def located(line: Line, left: Plateau, right: Plateau) -> tuple[float, float]:
    """Neighbouring numbers of binary64 between which the spikes of one plateau become those of the next, by bisection.

    They are found by evaluation alone, in fractions, between the middles of the plateaus.
    """
    low, high = float(left.inside()[1]), float(right.inside()[1])
    while math.nextafter(low, math.inf) < high:
        middle = low + 0.5 * (high - low)
        if line.at(mpq(middle)).s == left.spikes:
            low = middle
        else:
            high = middle
    return low, high


def random_line(seed: int, steps: int = 20) -> Line:
    """A random line through the weights of 3 inputs, 3 hidden and 2 output neurons, in so many steps."""
    random, network = np.random.default_rng(seed), chain(3, 3, 2)
    start = {p.name: random.normal(0.5, 0.4, network.shape(p)) for p in network.projections}
    direction = {name: random.normal(0.0, 0.4, w.shape) for name, w in start.items()}
    return Line(_problem(network, start, random, steps), start, direction)


def _problem(network: Network, weights: Mapping[str, Any], random: np.random.Generator, steps: int) -> Problem:
    times = np.sort(random.integers(0, steps - 4, 12)).astype(float)
    stimulus = Stimulus.of_samples([(times, random.integers(0, 3, 12))], float(steps))
    neurons = dict.fromkeys(("hidden", "output"), NeuronParameters(16.0, 1.0))
    return Problem(network, Parameters(weights, neurons), stimulus)
