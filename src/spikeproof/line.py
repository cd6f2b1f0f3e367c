"""The loss along a line in weight space, and where the sequence of events changes on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.numbers import Float64Array, array, refuse_where, rounded
from spikeproof.problem import Problem
from spikeproof.validity import (
    Branch,
    Weights,
    active_synapses,
    branch_of,
    described,
    moved,
    spike_counts,
    unit_direction,
)

DIGITS = 24  # halvings of the interval in which events change: places are found to 2**-DIGITS of it


@dataclass(frozen=True)
class Change:
    """A change of the sequence of events on a line.

    Attributes
    ----------
    distance : float
        Its place.
    spikes : bool
        True if a spike appears or vanishes, False if two events change order.
    description : str
        The change in words.
    """

    distance: float
    spikes: bool
    description: str


@dataclass(frozen=True)
class LossLine:
    """A loss along a line in weight space.

    Attributes
    ----------
    direction : mapping from projection name to array
        Unit vector; distances are Euclidean lengths in the space of the weights.
    distances : array, shape (n,), ascending
    losses : array, shape (n,)
        The loss at each distance.
    loss, slope : float
        The loss where the line starts, at distance 0, and its derivative along the line there.
    changes : tuple of Change
        In the order of distance.
    """

    direction: Weights
    distances: Float64Array
    losses: Float64Array
    loss: float
    slope: float
    changes: tuple[Change, ...]


def loss_line(
    problem: Problem, direction: Weights | None, distances: object, *, engine: Engine | None = None
) -> LossLine:
    """The loss at some distances along a direction, and the changes of the sequence of events between them.

    Parameters
    ----------
    problem : Problem
        With a loss. All its samples count.
    direction : mapping from projection name to array, shaped like the weights, or None
        Need not be normalised; a projection that is not named has 0. The negative gradient if None.
    distances : array, shape (n,), strictly ascending, n >= 2
        Where the loss is evaluated, in the unit of the weights; negative ones lie behind the start.
    engine : Engine, or None
        The event engine if None.

    Returns
    -------
    LossLine

    Raises
    ------
    InvalidInput
        If the problem has no loss, the direction does not fit or vanishes, or the distances do not ascend.

    Notes
    -----
    Between two neighbouring distances with different sequences of events one change is searched by bisection, and
    one in the number of spikes if that is another. Others there, and two that undo each other, are not found: take more
    distances.
    """
    problem = instance("problem", problem, Problem)
    engine = EventEngine() if engine is None else check_engine("engine", engine)
    at: Float64Array = rounded(array("distances", distances, ndim=1))
    if len(at) < 2:
        raise InvalidInput("distances", at.tolist(), "at least two")
    refuse_where(np.append(False, np.diff(at) <= 0.0), "distances", at, "strictly ascending distances")
    unit, slope = unit_direction(problem, direction, engine)
    active = active_synapses(problem, unit)

    def branch(distance: float) -> Branch:
        there = replace(moved(problem, unit, distance), loss=None)
        return branch_of(problem, engine.solve(there).spikes, active)

    solutions = [engine.solve(moved(problem, unit, distance), gradients=None) for distance in at.tolist()]
    losses = [solution.loss for solution in [*solutions, engine.solve(problem, gradients=None)]]
    if any(loss is None for loss in losses):
        raise InvalidInput("engine", f"{engine.name!r}, which returned no loss", "one that returns the loss")
    values = np.array(losses, dtype=np.float64)
    branches = [branch_of(problem, solution.spikes, active) for solution in solutions]
    intervals = zip(pairwise(branches), pairwise(at.tolist()), strict=True)
    changes = [_changes(problem, branch, *sides, *ends) for sides, ends in intervals if sides[0] != sides[1]]
    return LossLine(unit, at, values[:-1], float(values[-1]), slope, tuple(chain.from_iterable(changes)))


def _changes(
    problem: Problem, branch: Callable[[float], Branch], here: Branch, there: Branch, good: float, bad: float
) -> list[Change]:
    """The change next to `good` between two distances with different branches, and of spikes if that is none."""

    def of_spikes(found: Branch) -> bool:
        return spike_counts(found) == spike_counts(here)

    first = _change(problem, branch, lambda found: found == here, (here, there), (good, bad))
    if first.spikes or of_spikes(there):
        return [first]
    return [first, _change(problem, branch, of_spikes, (here, there), (first.distance, bad))]


def _change(
    problem: Problem, branch: Callable[[float], Branch], unchanged: Callable[[Branch], bool],
    branches: tuple[Branch, Branch], ends: tuple[float, float],
) -> Change:  # fmt: skip
    """A place where `unchanged` becomes false between two distances, the first of which it holds at."""
    (here, there), (good, bad) = branches, ends
    for _ in range(DIGITS):
        middle = 0.5 * (good + bad)
        found = branch(middle)
        if unchanged(found):
            good = middle
        else:
            bad, there = middle, found
    return Change(bad, spike_counts(there) != spike_counts(here), described(problem, here, there))
