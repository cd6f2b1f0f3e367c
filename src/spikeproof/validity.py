"""The validity radius: how far a step along a direction leaves the sequence of events as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.network import neuron_name
from spikeproof.numbers import Array, finite, positive, rounded
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes

Weights: TypeAlias = Mapping[str, Array]
Branch: TypeAlias = dict[tuple[int, int], list[tuple[int, ...]]]

SMALLEST = 2.0**-36  # of the limit: the first step that is tried
PER_OCTAVE = 4  # steps tried between a distance and its double
DIGITS = 40  # halvings of the last step: the radius is found to 2**-DIGITS of itself


@dataclass(frozen=True)
class ValidityRadius:
    """The distance along a direction of the weights up to which the sequence of events stays the same.

    Attributes
    ----------
    direction : mapping from projection name to array
        Unit vector; distances are Euclidean lengths in the space of the weights.
    slope : float
        Derivative of the loss along `direction`.
    radius : float
        Distance to the first change of any kind; infinite if there is none up to `limit`.
    change : str
        The change at `radius`, in words.
    spike_radius : float
        Distance at which the first spike appears or vanishes; infinite if none does up to `limit`.
    spike_change : str
        That spike, in words.
    limit : float
        Largest distance that was searched.
    """

    direction: Weights
    slope: float
    radius: float
    change: str
    spike_radius: float
    spike_change: str
    limit: float


def validity_radius(
    problem: Problem,
    direction: Weights | None = None,
    *,
    engine: Engine | None = None,
    limit: float | None = None,
) -> ValidityRadius:
    """Distance along `direction` up to which the gradient belongs to one smooth branch of the loss.

    A branch is a sequence of events: how many spikes each neuron has, and which arrivals come before each of them.
    On it the loss is smooth. At its end two events change order, which leaves the loss continuous or makes it jump,
    or a spike appears or vanishes, of which the gradient knows nothing.

    Parameters
    ----------
    problem : Problem
        Has a loss of spike times. All its samples count.
    direction : mapping from projection name to array, shaped like the weights
        Need not be normalised; a projection that is not named has 0. The negative gradient if None.
    engine : Engine
        Whose spikes are compared and, if needed, whose gradient is followed; the event engine if None.
    limit : float
        How far to look, > 0; the length of the vector of all weights if None.

    Returns
    -------
    ValidityRadius

    Raises
    ------
    InvalidInput
        If the problem has no loss, the direction does not fit or vanishes, or the limit is not positive.

    Notes
    -----
    The distance is first multiplied by 2^(1/4) from 2^-36 of the limit on, then bisected. A change that is
    undone within a factor of 2^(1/4) of the distance can be missed; then the radius is too large.
    """
    problem = instance("problem", problem, Problem)
    engine = EventEngine() if engine is None else check_engine("engine", engine)
    unit, slope = unit_direction(problem, direction, engine)
    reach = _norm(problem.parameters.weights) if limit is None else float(positive("limit", limit))
    if not 0.0 < reach < math.inf:
        raise InvalidInput("limit", limit, "a finite distance > 0, given if all weights are 0")
    active = active_synapses(problem, unit)
    here = branch_of(problem, spikes_at(problem, unit, 0.0, engine), active)

    def there(distance: float) -> Branch:
        return branch_of(problem, spikes_at(problem, unit, distance, engine), active)

    def counts(distance: float) -> bool:
        return spike_counts(there(distance)) != spike_counts(here)

    radius, at = _first(lambda s: there(s) != here, SMALLEST * reach, reach)
    spikes, at_spikes = _first(counts, min(radius, reach), reach) if radius < math.inf else (math.inf, math.inf)
    change = described(problem, here, there(at)) if radius < math.inf else "none"
    spike_change = described(problem, here, there(at_spikes)) if spikes < math.inf else "none"
    return ValidityRadius(unit, slope, radius, change, spikes, spike_change, reach)


def moved(problem: Problem, direction: Weights, distance: Any) -> Problem:
    """`problem` with `distance` times `direction` added to its weights."""
    weights = {name: w + distance * direction[name] for name, w in problem.parameters.weights.items()}
    return replace(problem, parameters=replace(problem.parameters, weights=weights))


def spikes_at(problem: Problem, direction: Weights, distance: Any, engine: Engine) -> Spikes:
    """Spikes a `distance` along a `direction`."""
    return engine.solve(replace(moved(problem, direction, distance), loss=None)).spikes


def active_synapses(problem: Problem, direction: Weights) -> dict[str, Array]:
    """The pairs whose weight is not 0, or does not stay 0 along `direction`: booleans of shape (n_pre, n_post)."""
    weights = problem.parameters.weights
    return problem.network.as_matrices({name: (w != 0) | (direction[name] != 0) for name, w in weights.items()})


def branch_of(problem: Problem, spikes: Spikes, active: Mapping[str, Array]) -> Branch:
    """The branch of a solution: for each (sample, neuron), the arrivals before each of its spikes, counted by source.

    So are those before the end of its refractory time, if the neuron has one. Only `active` synapses count. Arrivals of
    one source come in a fixed order, so that their numbers identify them.
    """
    network, found = problem.network, Branch()
    for number in range(spikes.n_samples):
        trains = spikes.sample(number).trains(range(network.n_neurons))
        times, channels = problem.stimulus.sample(number)
        inputs = [times[channels == c] for c in range(network.n_channels)]
        for population in network.populations:
            for neuron in network.neurons(population.name):
                found[number, neuron] = []
        for target, before in _arrivals_before(problem, trains, inputs, active):
            found[number, target] = before
    return found


def _arrivals_before(problem: Problem, trains: Any, inputs: Any, active: Mapping[str, Array]) -> Any:
    network, t_ref = problem.network, problem.neuron_columns()["t_ref"]
    for population in network.populations:
        into = [p for p in network.projections if p.post == population.name]
        for column, neuron in enumerate(network.neurons(population.name)):
            spikes, counts = trains[neuron], []
            held = t_ref[neuron] > 0.0
            for p in into if len(spikes) else ():
                from_input = network.from_input(p)
                pre = network.channels(p.pre) if from_input else network.neurons(p.pre)
                source = inputs if from_input else trains
                rows = np.flatnonzero(active[p.name][:, column])
                arrivals = [source[pre[row]] + p.delay for row in rows]
                counts += [np.searchsorted(a, spikes, side="left") for a in arrivals]
                if held:
                    counts += [np.searchsorted(a, spikes + t_ref[neuron], side="left") for a in arrivals]
            yield neuron, [tuple(int(c[k]) for c in counts) for k in range(len(spikes))]


def described(problem: Problem, here: Branch, there: Branch) -> str:
    """The first difference of two branches, in words."""
    for key in here:
        before, after = here[key], there[key]
        if before == after:
            continue
        name = neuron_name(problem.network, key[1])
        where = f"sample {key[0]}, {name}" if problem.stimulus.n_samples > 1 else name
        if len(before) != len(after):
            verb = "appears" if len(after) > len(before) else "vanishes"
            return f"a spike of {where} {verb} ({len(before)} → {len(after)})"
    for key in here:
        if here[key] != there[key]:
            rank = next(k for k, (a, b) in enumerate(zip(here[key], there[key], strict=True)) if a != b)
            return f"spike {rank} of {neuron_name(problem.network, key[1])} and an arrival change order"
    return "none"


def spike_counts(branch: Branch) -> dict[tuple[int, int], int]:
    """The number of spikes of each (sample, neuron) of a branch."""
    return {key: len(spikes) for key, spikes in branch.items()}


def _first(changed: Callable[[float], bool], start: float, limit: float) -> tuple[float, float]:
    """The largest distance before the first change, and one just behind it; infinite if there is no change."""
    good, step = 0.0, start
    while not changed(step):
        if step >= limit:
            return math.inf, math.inf
        good, step = step, min(limit, step * 2.0 ** (1 / PER_OCTAVE))
    bad = step
    for _ in range(DIGITS):
        middle = 0.5 * (good + bad)
        if changed(middle):
            bad = middle
        else:
            good = middle
    return good, bad


def unit_direction(problem: Problem, direction: Weights | None, engine: Engine) -> tuple[dict[str, Array], float]:
    """The direction with length 1, and the derivative of the loss along it."""
    if problem.loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    solution = engine.solve(problem)
    assert solution.gradients is not None
    gradient = {name: np.asarray(g, dtype=np.float64) for name, g in solution.gradients.weights.items()}
    chosen = {name: -g for name, g in gradient.items()} if direction is None else _full(problem, direction)
    length = _norm(chosen)
    if not 0.0 < length < math.inf:
        raise InvalidInput("direction", f"a vector of length {length}", "a finite direction that does not vanish")
    unit = {name: part / length for name, part in chosen.items()}
    return unit, float(sum(np.sum(gradient[name] * part) for name, part in unit.items()))


def _full(problem: Problem, direction: Weights) -> dict[str, Array]:
    if not isinstance(direction, Mapping):
        raise InvalidInput("direction", direction, "a mapping from projection name to array, or None")
    weights = problem.parameters.weights
    found = {name: np.zeros(w.shape) for name, w in weights.items()}
    for name, part in direction.items():
        if name not in weights:
            raise InvalidInput("direction", name, f"projections: {list(weights)}")
        numbers = finite(f"direction.{name}", part)
        if numbers.shape != weights[name].shape:
            raise InvalidInput(f"direction.{name}", f"shape {numbers.shape}", f"shape {weights[name].shape}")
        found[name] = rounded(numbers)
    return found


def _norm(weights: Weights) -> float:
    return math.sqrt(sum(float(np.sum(np.square(np.asarray(w, dtype=np.float64)))) for w in weights.values()))
