"""Gradients as people have them: arrays of NumPy, PyTorch, JAX or C, in the places of the problem's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spikeproof import InvalidInput, NeuronGradients, Problem, Solution
from spikeproof.numbers import Array
from spikeproof_verification.conformance.reply import Answer, answer_of, tree_of

NAMES = ("spike_times", "loss", "weights", "input_times", "delays", "neurons")


def answer_from(given: Any, problem: Problem) -> tuple[Answer, str]:
    """Numbers by quantity, and the level that their types speak of: "float32" if an array is in single precision.

    Parameters
    ----------
    given : Solution, mapping or array
        A mapping has any of ``spike_times`` (lists of neurons, of samples of neurons if there are several), ``loss``,
        ``weights`` (by projection, or one array if there is one projection; also called ``gradient``),
        ``input_times`` (one list, or one for each sample), ``delays`` and ``neurons``. Anything else is taken for the
        gradient of the weights.
    problem : Problem
        Whose they are.

    Raises
    ------
    InvalidInput
        If a name is unknown, a shape is another one, or a number is not finite.
    """
    if isinstance(given, Solution):
        return tree_of(given, problem), "exact64"
    tree = dict(given) if isinstance(given, Mapping) and not _by_projection(given, problem) else {"weights": given}
    if "gradient" in tree:
        tree["weights"] = tree.pop("gradient")
    if not tree:
        raise InvalidInput("given", given, f"at least one of {', '.join(NAMES)}")
    unknown = [name for name in tree if name not in NAMES]
    if unknown:
        raise InvalidInput("given", unknown[0], f"one of {', '.join(NAMES)}, gradient, or projections by name")
    single = _single(tree)
    gradients: dict[str, Any] = {
        name: _synapses(name, tree[name], problem) for name in ("weights", "delays") if name in tree
    }
    if "input_times" in tree:
        gradients["input_times"] = _input_times(tree["input_times"], problem)
    if "neurons" in tree:
        gradients["neurons"] = _neurons(tree["neurons"])
    reply: dict[str, Any] = {"format": "spikeproof-solution-1", "problem": problem.name, "gradients": gradients}
    reply |= _spikes(tree, problem)
    if "loss" in tree:
        reply["loss"] = _number("loss", tree["loss"])
    answer = answer_of(reply, problem)
    if "spike_times" not in tree:
        del answer["spike_times"]
    return answer, "float32" if single else "exact64"


def array(given: Any) -> Array:
    """Numbers of any library as float64; those on a graph or on a device are taken off it."""
    for name in ("detach", "cpu", "numpy"):
        given = getattr(given, name)() if hasattr(given, name) else given
    return np.asarray(given, dtype=np.float64)


def _list(given: Any) -> Any:
    return array(given).tolist()


def _by_projection(given: Mapping[str, Any], problem: Problem) -> bool:
    return set(given) == {p.name for p in problem.network.projections}


def _single(tree: Any) -> bool:
    """Whether any array is in single precision."""
    if isinstance(tree, Mapping):
        return any(_single(x) for x in tree.values())
    if isinstance(tree, (list, tuple)):
        return any(_single(x) for x in tree)
    return "float32" in str(getattr(tree, "dtype", ""))


def _synapses(field: str, given: Any, problem: Problem) -> dict[str, Any]:
    names = [p.name for p in problem.network.projections]
    if not isinstance(given, Mapping):
        if len(names) != 1:
            raise InvalidInput(field, "one array", f"an array for each of {names}")
        given = {names[0]: given}
    return {name: _list(w) for name, w in given.items()}


def _neurons(given: Any) -> dict[str, Any]:
    """Gradients by population and parameter, from mappings or `NeuronGradients`."""
    allowed = "by population, a mapping from parameter to array, or NeuronGradients"
    if not isinstance(given, Mapping):
        raise InvalidInput("neurons", type(given).__name__, allowed)
    found = {}
    for name, columns in given.items():
        columns = vars(columns) if isinstance(columns, NeuronGradients) else columns
        if not isinstance(columns, Mapping):
            raise InvalidInput(f"neurons.{name}", type(columns).__name__, allowed)
        found[name] = {n: _list(x) for n, x in columns.items() if x is not None}
    return found


def _number(field: str, given: Any) -> float:
    value = array(given) if hasattr(given, "__array__") or hasattr(given, "detach") else given
    if isinstance(value, bool | str | bytes | complex) or np.ndim(value) != 0:
        raise InvalidInput(field, given, "a real number")
    return float(value)


def _input_times(given: Any, problem: Problem) -> list[Any]:
    s = problem.stimulus
    nested = isinstance(given, (list, tuple)) and len(given) == s.n_samples and all(np.ndim(x) == 1 for x in given)
    if nested:
        return [_list(x) for x in given]
    flat = array(given)
    if flat.shape != s.times.shape:
        raise InvalidInput("input_times", f"shape {flat.shape}", f"shape {s.times.shape}, or a list for each sample")
    return [flat[a:b].tolist() for a, b in zip(s.offsets[:-1], s.offsets[1:], strict=True)]


def _spikes(tree: Mapping[str, Any], problem: Problem) -> dict[str, Any]:
    n_samples, n_neurons = problem.stimulus.n_samples, problem.network.n_neurons
    given = tree.get("spike_times")
    if given is None:
        given = [[[]] * n_neurons] * n_samples
    elif n_samples == 1 and len(given) == n_neurons and all(np.ndim(train) == 1 for train in given):
        given = [given]
    samples = [{"spike_times": [_list(train) for train in trains]} for trains in given]
    return samples[0] if n_samples == 1 and len(samples) == 1 else {"samples": samples}
