"""Problems as JSON files, exact to the last bit and digit."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np

from spikeproof import (
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Synapses,
)
from spikeproof.arguments import instance
from spikeproof.neuron_parameters import NEURON_PARAMETERS, Entry
from spikeproof.numbers import Array
from spikeproof_verification.files.json_file import read_json, write_json
from spikeproof_verification.files.loss_json import loss_from_dict, loss_to_dict
from spikeproof_verification.files.numbers import from_json, table, to_json
from spikeproof_verification.files.schema import check
from spikeproof_verification.files.stimulus_json import located, stimulus_from_dict, stimulus_to_dict

FORMAT = "spikeproof-problem-1"
ALWAYS = ("v_th", "v_reset")  # written where they have their defaults too


def load_problem(path: str | PathLike[str]) -> Problem:
    """The problem in a file of format spikeproof-problem-1 (see ``problem.schema.json``).

    Parameters
    ----------
    path : path
        A UTF-8 JSON file.

    Returns
    -------
    Problem
        JSON numbers as the nearest binary64, decimal strings as Decimal with all their digits.

    Raises
    ------
    InvalidInput
        In one line: the dotted path of the wrong value, the value and what is allowed; ``"file"`` if it cannot
        be read.
    """
    return problem_from_dict(read_json(path))


def save_problem(problem: Problem, path: str | PathLike[str], description: str = "") -> None:
    """Write `problem` to a file, from which `load_problem` reads it back bit for bit.

    Parameters
    ----------
    problem : Problem
    path : path
        A JSON file; it holds its old content or all of the new at any moment.
    description : str
        Text of the file's field of this name.

    Raises
    ------
    InvalidInput
        If the loss has no file form, a decimal has an exponent beyond +-400, or the path cannot be written.
    """
    write_json(problem_to_dict(problem, description), path)


def problem_from_dict(tree: dict[str, Any]) -> Problem:
    """The problem in a parsed JSON object.

    Parameters
    ----------
    tree : dict

    Returns
    -------
    Problem

    Raises
    ------
    InvalidInput
        As `load_problem`.
    """
    check(tree, "problem")
    stimulus = stimulus_from_dict(tree["stimulus"])
    network = _network(tree["network"])
    parameters = _parameters(tree["parameters"], network)
    loss = loss_from_dict(tree["loss"]) if "loss" in tree else None
    with located(stimulus.offsets):
        return Problem(network, parameters, stimulus, loss, tree.get("name", ""))


def problem_to_dict(problem: Problem, description: str = "") -> dict[str, Any]:
    """`problem` as a tree of dicts, lists, numbers and strings, ready for any JSON writer.

    Parameters
    ----------
    problem : Problem
    description : str
        Text of the field of this name; left out if empty.

    Returns
    -------
    dict

    Raises
    ------
    InvalidInput
        If the loss has no file form, or a decimal has an exponent beyond +-400.
    """
    instance("problem", problem, Problem)
    instance("description", description, str)
    tree = {
        "format": FORMAT,
        "name": problem.name,
        **({"description": description} if description else {}),
        "network": _network_to_dict(problem.network),
        "parameters": {
            "weights": {name: to_json(w) for name, w in problem.parameters.weights.items()},
            "neurons": {name: _neurons_to_dict(p) for name, p in problem.parameters.neurons.items()},
        },
        "stimulus": stimulus_to_dict(problem.stimulus),
        **({} if problem.loss is None else {"loss": loss_to_dict(problem.loss)}),
    }
    check(tree, "problem")
    return tree


def _network(tree: dict[str, Any]) -> Network:
    projections = []
    for number, p in enumerate(tree["projections"]):
        delay = from_json(p.get("delay", 0.0))
        if delay < 0:  # refused here, by index like the schema's errors
            raise InvalidInput(f"network.projections[{number}].delay", delay, "a finite number >= 0")
        synapses = _synapses(number, p["synapses"]) if "synapses" in p else None
        projections.append(Projection(p["pre"], p["post"], delay, p.get("name", ""), synapses))
    return Network(
        tuple(Input(p["name"], int(p["size"])) for p in tree["inputs"]),
        tuple(Population(p["name"], int(p["size"]), p["kind"]) for p in tree["populations"]),
        tuple(projections),
    )


def _synapses(number: int, tree: dict[str, Any]) -> Synapses:
    try:
        return Synapses(*([int(x) for x in tree[key]] for key in ("offsets", "targets")))
    except InvalidInput as error:  # raised again with the index
        raise InvalidInput(f"network.projections[{number}].{error.field}", error.value, error.allowed) from None


def _network_to_dict(network: Network) -> dict[str, Any]:
    return {
        "inputs": [{"name": p.name, "size": p.size} for p in network.inputs],
        "populations": [{"name": p.name, "kind": p.kind, "size": p.size} for p in network.populations],
        "projections": [
            {"pre": p.pre, "post": p.post, "delay": to_json(p.delay), "name": p.name, **_synapses_to_dict(p.synapses)}
            for p in network.projections
        ],
    }


def _synapses_to_dict(given: Synapses | None) -> dict[str, Any]:
    if given is None:
        return {}
    return {"synapses": {"offsets": given.offsets.tolist(), "targets": given.targets.tolist()}}


def _parameters(tree: dict[str, Any], network: Network) -> Parameters:
    sparse = {p.name for p in network.projections if p.synapses is not None}
    weights = {name: _weights(name, given, sparse=name in sparse) for name, given in tree["weights"].items()}
    neurons = {
        name: NeuronParameters(**{key: from_json(value) for key, value in given.items()})
        for name, given in tree["neurons"].items()
    }
    return Parameters(weights, neurons)


def _weights(name: str, given: list[Any], *, sparse: bool) -> list[Any]:
    for number, entry in enumerate(given):
        if isinstance(entry, list) == sparse:
            allowed = "a number: the projection has synapses" if sparse else "a row: a list of numbers"
            raise InvalidInput(f"parameters.weights.{name}[{number}]", entry, allowed)
    return [from_json(x) for x in given] if sparse else table(f"parameters.weights.{name}", given)


def _neurons_to_dict(given: NeuronParameters) -> dict[str, Any]:
    return {p.name: to_json(x) for p in NEURON_PARAMETERS if not _left_out(p, x := getattr(given, p.name))}


def _left_out(p: Entry, given: Array | None) -> bool:
    """True if the file means the same without this field."""
    if given is None:
        return True
    return p.name not in ALWAYS and np.ndim(given) == 0 and bool(given == p.default)
