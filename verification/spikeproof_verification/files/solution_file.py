"""Solutions as JSON files, for readers in any language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from os import PathLike
from typing import Any

import numpy as np
from mpmath import libmp

from spikeproof import Diagnostics, Gradients, InvalidInput, NeuronGradients, Solution
from spikeproof.arguments import instance
from spikeproof.numbers import Array
from spikeproof_verification.files.json_file import refuse_nonfinite, write_json
from spikeproof_verification.files.schema import check

FORMAT = "spikeproof-solution-1"


def save_solution(
    solution: Solution,
    path: str | PathLike[str],
    digits: int | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write a solution to a file, which holds its old content or all of the new at any moment.

    Parameters
    ----------
    solution : Solution
    path : path
        A JSON file.
    digits, provenance
        As for `solution_to_dict`.

    Raises
    ------
    InvalidInput
        If a number is not finite, or the path cannot be written.
    """
    write_json(solution_to_dict(solution, digits, provenance), path)


def solution_to_dict(
    solution: Solution, digits: int | None = None, provenance: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A solution as a tree of dicts, lists, numbers and strings (see ``solution.schema.json``).

    Parameters
    ----------
    solution : Solution
        Of any engine, in binary64 or in mpmath numbers.
    digits : int or None
        Significant digits of mpmath numbers, written as decimal strings; None writes as many as tell the
        number apart from its neighbours of the same precision. Binary64 is always written in full.
    provenance : mapping or None
        Stored as it is: the engine, versions and other facts.

    Returns
    -------
    dict
        ``spike_times`` for one sample, ``samples`` for several.

    Raises
    ------
    InvalidInput
        If a number is not finite.
    """
    instance("solution", solution, Solution)
    tree: dict[str, Any] = {"format": FORMAT, "engine": solution.engine, "problem": solution.problem.name}
    samples = [_sample(solution, number, digits) for number in range(solution.spikes.n_samples)]
    tree |= {"spike_times": samples[0]["spike_times"]} if len(samples) == 1 else {"samples": samples}
    if solution.loss is not None:
        tree["loss"] = _number(solution.loss, digits)
    if solution.gradients is not None:
        tree["gradients"] = _gradients(solution, solution.gradients, digits)
    tree["diagnostics"] = _diagnostics(solution.diagnostics)
    if provenance is not None:
        tree["provenance"] = dict(provenance)
    refuse_nonfinite(tree)
    check(tree, "solution")
    return tree


def _sample(solution: Solution, number: int, digits: int | None) -> dict[str, Any]:
    neurons = range(solution.problem.network.n_neurons)
    trains = solution.spikes.sample(number).trains(neurons)
    sample: dict[str, Any] = {"spike_times": [_numbers(train, digits) for train in trains]}
    if solution.sample_losses is not None:
        sample["loss"] = _number(solution.sample_losses[number], digits)
    return sample


def _gradients(solution: Solution, gradients: Gradients, digits: int | None) -> dict[str, Any]:
    offsets = solution.problem.stimulus.offsets
    tree = {
        "weights": {name: _entries(w, digits) for name, w in gradients.weights.items()},
        "input_times": [_numbers(part, digits) for part in np.split(gradients.input_times, offsets[1:-1])],
    }
    if gradients.delays is not None:
        tree["delays"] = {name: _entries(d, digits) for name, d in gradients.delays.items()}
    if gradients.neurons is not None:
        tree["neurons"] = {name: _neurons(given, digits) for name, given in gradients.neurons.items()}
    return tree


def _neurons(given: NeuronGradients, digits: int | None) -> dict[str, Any]:
    columns = {f.name: getattr(given, f.name) for f in fields(given)}
    return {name: _numbers(column, digits) for name, column in columns.items() if column is not None}


def _entries(values: Array, digits: int | None) -> list[Any]:
    """A matrix as a list of rows, the numbers of synapses as a list."""
    return _numbers(values, digits) if values.ndim == 1 else [_numbers(row, digits) for row in values]


def _diagnostics(given: Diagnostics) -> dict[str, Any]:
    jump = given.max_jump
    return {
        "n_spikes": given.n_spikes,
        "min_vdot": given.min_vdot,
        "min_vdot_at": None if given.min_vdot_at is None else list(given.min_vdot_at),
        "min_gap": given.min_gap,
        "max_jump": "inf" if jump is not None and math.isinf(jump) else jump,
        "signature": given.signature,
    }


def _numbers(values: Array, digits: int | None) -> list[Any]:
    return [_number(value, digits) for value in values]


def _number(value: Any, digits: int | None) -> Any:
    raw = getattr(value, "_mpf_", None)
    if raw is None:
        return float(value)
    if raw in (libmp.finf, libmp.fninf, libmp.fnan):
        raise InvalidInput("solution", str(value), "finite numbers")
    enough = max(17, math.ceil(raw[3] * math.log10(2.0)) + 2)
    return str(libmp.to_str(raw, digits or enough))
