"""The reply of an engine, compared with the problem: every number in its place, or a line says what is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

from spikeproof import InvalidInput, Problem, Solution
from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof_verification.conformance.schemas import check_definition
from spikeproof_verification.files import solution_to_dict

Answer: TypeAlias = dict[str, Any]  # by quantity: lists, or lists by the name of a projection or population


def answer_of(tree: Any, problem: Problem, *, decimals: bool = False) -> Answer:
    """The numbers of a reply's solution by quantity, each in the shape that the problem gives it.

    Parameters
    ----------
    tree : parsed JSON
        A solution of format spikeproof-solution-1.
    problem : Problem
        What was to be solved.
    decimals : bool
        Whether decimal strings are numbers.

    Returns
    -------
    dict from quantity
        ``spike_times[sample][neuron]`` and ``input_times[sample]`` are lists of numbers, ``weights`` and ``delays``
        are by projection, ``loss`` is a number, and parameters of neurons are by population.

    Raises
    ------
    InvalidInput
        If something is not as the schema says, not finite, or not of this problem.
    """
    check_definition("solution", tree)
    if tree["problem"] != problem.name:
        raise InvalidInput("solution.problem", tree["problem"], f"{problem.name!r}, the problem that was asked")
    numbers = _Numbers(decimals)
    found: Answer = {"spike_times": _spike_times(tree, problem, numbers)}
    if "loss" in tree:
        found["loss"] = numbers.one("solution.loss", tree["loss"])
    given = tree.get("gradients", {})
    for kind in ("weights", "delays"):
        if kind in given:
            found[kind] = _synapses(f"solution.gradients.{kind}", given[kind], problem, numbers)
    if "input_times" in given:
        found["input_times"] = _input_times(given["input_times"], problem, numbers)
    return found | _neurons(given.get("neurons", {}), problem, numbers)


def tree_of(solution: Solution, problem: Problem) -> Answer:
    """The numbers of a `Solution` by quantity."""
    tree = solution_to_dict(solution)
    return answer_of(tree | {"problem": problem.name}, problem, decimals=True)


class _Numbers:
    """Numbers of a reply, with the place of the first that is none."""

    def __init__(self, decimals: bool) -> None:
        self.decimals = decimals

    def one(self, field: str, value: Any) -> Any:
        if isinstance(value, str):
            if self.decimals:
                return value
            raise InvalidInput(field, value, "a JSON number: the engine does not declare decimals")
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput(field, value, "a finite number")
        return value

    def row(self, field: str, given: Any, length: int | None) -> list[Any]:
        if not isinstance(given, list) or (length is not None and len(given) != length):
            got = f"{len(given)} numbers" if isinstance(given, list) else given
            raise InvalidInput(field, got, f"a list of {length} numbers")
        return [self.one(f"{field}[{n}]", x) for n, x in enumerate(given)]


def _spike_times(tree: Mapping[str, Any], problem: Problem, numbers: _Numbers) -> list[Any]:
    samples = [tree] if "spike_times" in tree else tree["samples"]
    wanted, n_neurons = problem.stimulus.n_samples, problem.network.n_neurons
    if len(samples) != wanted:
        raise InvalidInput("solution.samples", f"{len(samples)} samples", f"{wanted}, those of the problem")
    silent = {n for p in problem.network.populations if p.kind == "li" for n in problem.network.neurons(p.name)}
    duration, found = float(problem.stimulus.duration), []
    for s, sample in enumerate(samples):
        field, trains = f"solution.samples[{s}].spike_times", sample["spike_times"]
        if len(trains) != n_neurons:
            allowed = f"{n_neurons} lists, one for each neuron of the problem"
            raise InvalidInput(field, f"{len(trains)} lists", allowed)
        found.append([numbers.row(f"{field}[{n}]", train, None) for n, train in enumerate(trains)])
        for n, train in enumerate(found[-1]):
            _check_train(f"{field}[{n}]", [float(t) for t in train], duration, spikes=n not in silent)
    return found


def _check_train(field: str, train: list[float], duration: float, *, spikes: bool) -> None:
    if train and not spikes:
        raise InvalidInput(field, f"{len(train)} spikes", "none: a leaky integrator does not spike")
    if any(b < a for a, b in pairwise(train)):
        raise InvalidInput(field, "times that fall", "ascending times")
    if train and (train[0] < 0.0 or train[-1] > duration * (1.0 + 1e-6)):
        late = train[0] if train[0] < 0.0 else train[-1]
        raise InvalidInput(field, late, f"times from 0 to the duration, {duration:g}")


def _synapses(field: str, given: Mapping[str, Any], problem: Problem, numbers: _Numbers) -> dict[str, Any]:
    network, found = problem.network, {}
    names = [p.name for p in network.projections]
    _check_names(field, given, names)
    for p in network.projections:
        shape, place = network.weight_shape(p), f"{field}[{p.name!r}]"
        rows = given[p.name]
        if len(rows) != shape[0]:
            raise InvalidInput(place, f"{len(rows)} entries", f"{shape[0]}, in the shape of the weights {shape}")
        single = len(shape) == 1
        found[p.name] = (
            numbers.row(place, rows, shape[0])
            if single
            else [numbers.row(f"{place}[{n}]", row, shape[1]) for n, row in enumerate(rows)]
        )
    return found


def _input_times(given: list[Any], problem: Problem, numbers: _Numbers) -> list[Any]:
    s, field = problem.stimulus, "solution.gradients.input_times"
    if len(given) != s.n_samples:
        raise InvalidInput(field, f"{len(given)} lists", f"{s.n_samples}, one for each sample")
    return [numbers.row(f"{field}[{n}]", row, len(s.sample(n)[0])) for n, row in enumerate(given)]


def _neurons(given: Mapping[str, Any], problem: Problem, numbers: _Numbers) -> Answer:
    found: Answer = {}
    sizes = {p.name: p.size for p in problem.network.populations}
    known = [p.name for p in NEURON_PARAMETERS]
    if given:
        _check_names("solution.gradients.neurons", given, list(sizes))
    for population, columns in given.items():
        for name, column in columns.items():
            field = f"solution.gradients.neurons[{population!r}].{name}"
            if name not in known:
                raise InvalidInput(field, column, f"a parameter of neurons: {', '.join(known)}")
            found.setdefault(name, {})[population] = numbers.row(field, column, sizes[population])
    return found


def _check_names(field: str, given: Mapping[str, Any], names: list[str]) -> None:
    if set(given) != set(names):
        raise InvalidInput(field, sorted(given), f"an entry for each of {names}")
