"""Statement 2: the stair and its limit; which of the two limits of a difference quotient is taken first.

With exponential synapses the loss of the discrete network is a stair along any line in weight space, and converges to
the smooth function that the exact solution is. For its difference quotient D(dt, h) over a distance h on the line::

    lim_{h -> 0} lim_{dt -> 0} D(dt, h) = the exact gradient        lim_{dt -> 0} lim_{h -> 0} D(dt, h) = 0
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from spikeproof import NeuronParameters, Parameters, Problem, SpikeTimeSum, Stimulus, chain
from spikeproof.lesson import Discrete
from spikeproof.numbers import Float64Array
from spikeproof_reference import MpEngine

STEPS = tuple(2.0**-k for k in range(2, 11))  # dt, in ms
DISTANCES = tuple(2.0**-k for k in range(2, 9))  # h
TINY = 2.0**-40  # of a distance; the narrowest plateaus are a million times wider
ORDER, ORDER_IN_H = 0.2, 0.1  # of slopes: where a spike falls within a step is as good as random
LIMIT = 1e-4  # of the limit in h by extrapolation: h^2 remains

DiscreteValue = Callable[[float, float], float]
ExactValue = Callable[[float], tuple[float, float]]


@dataclass(frozen=True)
class Stair:
    """Difference quotients of a stair over a grid of steps and distances, in units of the exact derivative.

    Attributes
    ----------
    steps : array, shape (n_steps,): dt.
    distances : array, shape (n_distances,): h.
    quotients : array, shape (n_steps, n_distances): D / L', mean over the places on the line.
    errors : array, shape (n_steps, n_distances): root mean square of ``D(dt, h) / L' - D(0, h) / L'``.
    exact_errors : array, shape (n_distances,): the same of ``D(0, h) / L' - 1``, the quotient of the exact loss.
    still : array, shape (n_steps,): share of places with ``D(dt, h) = 0``, exactly, at a tiny h.
    widths : array, shape (n_steps,): mean width of the plateaus at these places.
    along : array, shape (n_pairs,): root mean square of ``D / L' - 1`` where ``h = sqrt(dt) / 2``, by falling dt.
    order_in_dt, order_in_h, order_of_widths, order_along : slopes of logarithms.
    extrapolated : the limit of D(0, h) / L' by h from the two smallest h, less 1; the largest of all places.
    """

    steps: Float64Array
    distances: Float64Array
    quotients: Float64Array
    errors: Float64Array
    exact_errors: Float64Array
    still: Float64Array
    widths: Float64Array
    along: Float64Array
    order_in_dt: float
    order_in_h: float
    order_of_widths: float
    order_along: float
    extrapolated: float

    @property
    def holds(self) -> bool:
        """Whether one limit is the exact gradient and the other one 0, at the first order each."""
        orders = abs(self.order_in_dt - 1.0) < ORDER and abs(self.order_of_widths - 1.0) < ORDER
        gradient = abs(self.order_in_h - 1.0) < ORDER_IN_H and self.extrapolated < LIMIT
        return bool(orders and gradient and abs(self.order_along - 0.5) < ORDER and np.all(self.still == 1.0))

    @property
    def verdict(self) -> str:
        """The statement with its numbers."""
        return (
            f"{'holds' if self.holds else 'does not hold'}: dt first, D tends to the exact gradient with order "
            f"{self.order_in_dt:.2f} in dt and {self.order_in_h:.2f} in h, in the end {self.extrapolated:.1e} off; "
            f"h first, D is 0 at {100 * float(np.min(self.still)):g} % of all places; plateaus shrink with order "
            f"{self.order_of_widths:.2f}; along h = sqrt(dt) / 2 the error falls with order {self.order_along:.2f}"
        )


def stair(
    n_places: int = 12,
    *,
    steps: tuple[float, ...] = STEPS,
    discrete: DiscreteValue | None = None,
    exact: ExactValue | None = None,
) -> Stair:
    """The difference quotients at places on a line in weight space.

    Parameters
    ----------
    n_places : int
    steps : floats
        dt, powers of two.
    discrete : callable or None
        The loss at a place for a step; `discrete_loss` if None.
    exact : callable or None
        The loss and its derivative at a place; `exact_loss` if None.

    Returns
    -------
    Stair
    """
    value = discrete_loss if discrete is None else discrete
    solution = exact_loss if exact is None else exact
    places, hs, dts = np.arange(n_places) / n_places, np.array(DISTANCES), np.array(steps)
    at, slope = np.array([solution(s) for s in places]).T
    limits = (np.array([[solution(s + h)[0] for h in hs] for s in places]) - at[:, None]) / hs / slope[:, None]
    found = np.array([[_quotients(value, s, dt, hs) for s in places] for dt in dts]) / slope[None, :, None]
    errors, exact_errors = _root_mean_square(found - limits, 1), _root_mean_square(limits - 1.0, 0)
    tiny = [[value(s + TINY, dt) == value(s, dt) for s in places] for dt in dts]
    widths = np.array([np.mean([_width(value, s, dt) for s in places[::3]]) for dt in dts])
    along = [(dt, i, int(j)) for i, dt in enumerate(dts) for j in np.flatnonzero(hs == 0.5 * np.sqrt(dt))]
    diagonal = np.array([_root_mean_square(found[i, :, j] - 1.0, 0) for _, i, j in along])
    return Stair(
        dts, hs, found.mean(axis=1), errors, exact_errors, np.mean(tiny, axis=1), widths, diagonal,
        order_in_dt=_order(dts, errors[:, 0]), order_in_h=_order(hs, exact_errors),
        order_of_widths=_order(dts, widths), order_along=_order(np.array([dt for dt, _, _ in along]), diagonal),
        extrapolated=float(np.max(abs(2.0 * limits[:, -1] - limits[:, -2] - 1.0))),
    )  # fmt: skip


def problem_at(s: float) -> Problem:
    """The problem at a place on the line: 2 inputs, 2 hidden neurons and an output that spikes once."""
    network = chain(2, 2, 1)
    weights = {
        "input->hidden": np.array([[7.0, 3.5], [2.0, 5.0]]) + s * np.array([[1.0, -0.5], [0.5, 1.0]]),
        "hidden->output": np.array([[4.0], [5.0]]) + s * np.array([[0.5], [-0.25]]),
    }
    neurons = dict.fromkeys(("hidden", "output"), NeuronParameters(20.0, 5.0))
    stimulus = Stimulus.of_samples([([0.5, 1.5], [0, 1])], 11.0)
    return Problem(network, Parameters(weights, neurons), stimulus, SpikeTimeSum("output"))


def direction() -> Float64Array:
    """The derivative of all weights along the line."""
    return np.asarray(problem_at(1.0).parameters.flat() - problem_at(0.0).parameters.flat())


def discrete_loss(s: float, dt: float) -> float:
    """The sum of the output's spike times in the discrete network, a multiple of `dt`."""
    bare = replace(problem_at(s), loss=None)
    network = Discrete(bare, dt)
    spikes = network.spikes(network.run())
    return float(np.sum(spikes.times[spikes.neurons == 2]))


def exact_loss(s: float) -> tuple[float, float]:
    """The sum of the output's spike times and its derivative along the line, by the mp engine."""
    solution = MpEngine(dps=20).solve(problem_at(s), "weights")
    assert solution.gradients is not None
    gradient = np.concatenate([w.ravel() for w in solution.gradients.weights.values()]).astype(float)
    assert solution.loss is not None
    return float(solution.loss), float(gradient @ direction())


def _quotients(value: DiscreteValue, s: float, dt: float, hs: Float64Array) -> Float64Array:
    """D(dt, h) at a place, for all h."""
    return np.array([(value(s + h, dt) - value(s, dt)) / h for h in hs])


def _width(value: DiscreteValue, s: float, dt: float) -> float:
    """The width of the plateau around a place, to a thousandth."""
    return _edge(value, s, dt, 1.0) + _edge(value, s, dt, -1.0)


def _edge(value: DiscreteValue, s: float, dt: float, sign: float) -> float:
    """The distance from a place to the next jump in this direction; 1 if there is none before."""
    here, far = value(s, dt), 2.0**-20
    while far < 1.0 and value(s + sign * far, dt) == here:
        far *= 2.0
    near = 0.5 * far
    for _ in range(10):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if value(s + sign * middle, dt) == here else (near, middle)
    return far


def _root_mean_square(values: Float64Array, axis: int) -> Float64Array:
    return np.asarray(np.sqrt(np.mean(values**2, axis=axis)))


def _order(sizes: Float64Array, errors: Float64Array) -> float:
    """The slope of the logarithms; 0 where an error is 0."""
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0]) if np.all(errors > 0.0) else 0.0
