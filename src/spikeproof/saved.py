"""Networks, parameters, stimuli, losses and whole problems in files, read back bit for bit.

A file is NumPy's ``.npz``: the arrays as they are, and one text that says what they are part of, with a digest of all.
It needs nothing but NumPy. Files to be read by other programs are the JSON files of `spikeproof_verification.files`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from spikeproof import losses
from spikeproof.arguments import path as as_path
from spikeproof.atomic import replacing
from spikeproof.errors import InvalidInput
from spikeproof.network import Input, Network, Population, Projection
from spikeproof.numbers import Array, array
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.problem import Problem
from spikeproof.stimulus import Stimulus
from spikeproof.synapses import Synapses

FORMAT = "spikeproof-saved-1"
KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Input,
        Population,
        Projection,
        Synapses,
        Network,
        NeuronParameters,
        Parameters,
        Stimulus,
        Problem,
        losses.ExponentialWeight,
        losses.FirstSpikeCrossEntropy,
        losses.InstantaneousCrossEntropy,
        losses.IntegralCrossEntropy,
        losses.LossSum,
        losses.MaxVoltageCrossEntropy,
        losses.SpikeCountRegulariser,
        losses.SpikeTimeSum,
        losses.SpikeTimeTarget,
        losses.TargetTrace,
        losses.VoltageIntegral,
        losses.VoltageTarget,
    )
}
SAVED = "parameters, a network, a stimulus, a problem, or a loss of the package without functions of the user"


def save(thing: Any, path: str | PathLike[str]) -> None:
    """Write parameters, or a network, a stimulus, a loss or a whole problem, to a file for `load`.

    Parameters
    ----------
    thing : Parameters, Network, Stimulus, Problem, a loss, or a part of them
        Losses with functions of the user cannot be saved.
    path : path
        The file, usually ending in ``.npz``, in a folder that exists. It holds its old content or all of the new at any
        moment; the same thing gives the same bytes.

    Raises
    ------
    InvalidInput
        If a part of it has no file form, or the path cannot be written.
    """
    target = as_path("path", path, "a path that can be written")
    if type(thing).__name__ not in KINDS:
        raise InvalidInput("thing", thing, SAVED)
    arrays: list[Array] = []
    text = json.dumps({"format": FORMAT, "content": _tree(type(thing).__name__, thing, arrays)})
    columns: dict[str, Any] = {f"array{number}": values for number, values in enumerate(arrays)}
    digest = _digest(text, arrays)
    try:
        with (
            replacing(target) as temporary,
            temporary.open("wb") as stream,
        ):  # given a name, NumPy would append a suffix
            np.savez(stream, text=np.array(text), digest=np.array(digest), **columns)
    except OSError as error:
        raise InvalidInput("path", str(path), f"a path that can be written ({error.strerror})") from None


def load(path: str | PathLike[str]) -> Any:
    """The thing that `save` wrote to a file, the same to the last bit and digit.

    Parameters
    ----------
    path : path

    Returns
    -------
    Parameters, Network, Stimulus, Problem, a loss, or a part of them
        Checked as anything that is made anew.

    Raises
    ------
    InvalidInput
        If the file is damaged, or none that `save` wrote.
    FileNotFoundError
        If there is no such file.
    """
    source = as_path("path", path, "a file that `save` wrote")
    try:
        text, arrays = _content(source)
        facts = json.loads(text)
        if facts["format"] != FORMAT:
            raise InvalidInput(source.name, facts["format"], f"a file in the format {FORMAT!r}")
    except (FileNotFoundError, InvalidInput):
        raise
    except Exception as error:  # a changed byte may be read as anything: another length, another compression
        raise InvalidInput(source.name, "something else", "a file as `save` wrote it") from error
    return _thing(facts["content"], arrays)


def _content(path: Path) -> tuple[str, list[Array]]:
    """The text and the arrays of a file, which must have the digest that stands beside them."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        columns = {name: file[name] for name in file.files}
    text, digest = str(columns.pop("text")), str(columns.pop("digest"))
    arrays = [columns[f"array{number}"] for number in range(len(columns))]
    if digest != _digest(text, arrays):
        raise InvalidInput(path.name, "numbers that do not have its digest", "a file as `save` wrote it")
    return text, arrays


def _digest(text: str, arrays: list[Array]) -> str:
    """Digest of everything in a file."""
    content = hashlib.blake2b(text.encode(), digest_size=16)
    for values in arrays:
        content.update(f"{values.dtype.str}{values.shape}".encode())
        content.update(np.ascontiguousarray(values).tobytes())
    return content.hexdigest()


def _tree(field: str, value: Any, arrays: list[Array]) -> Any:
    """`value` as JSON; arrays are appended to `arrays`, and their numbers stand in their place."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float):
        return {"float": float(value).hex()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, np.ndarray) and value.dtype != object:
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.ndarray):
        return {"decimals": [str(d) for d in value.ravel().tolist()], "shape": list(value.shape)}
    if isinstance(value, Mapping):
        return {"mapping": [[key, _tree(f"{field}[{key!r}]", part, arrays)] for key, part in _named(field, value)]}
    if isinstance(value, list | tuple):
        return {"tuple": [_tree(f"{field}[{k}]", part, arrays) for k, part in enumerate(value)]}
    name = type(value).__name__
    if KINDS.get(name) is not type(value):
        raise InvalidInput(field, value, SAVED)
    parts = {f.name: getattr(value, f.name) for f in fields(KINDS[name])}
    if isinstance(value, Parameters):  # which are checked with their network, and hold anything until then
        weights = _named(f"{field}.weights", value.weights)
        parts["weights"] = {key: array(f"{field}.weights[{key!r}]", w) for key, w in weights}
    if isinstance(value, NeuronParameters):
        parts = {key: _numbers(f"{field}.{key}", part) for key, part in parts.items()}
    return {"kind": name, "fields": {key: _tree(f"{field}.{key}", part, arrays) for key, part in parts.items()}}


def _named(field: str, parts: Any) -> list[tuple[str, Any]]:
    if not isinstance(parts, Mapping) or not all(isinstance(name, str) for name in parts):
        raise InvalidInput(field, parts, "a mapping from names")
    return list(parts.items())


def _numbers(field: str, given: Any) -> Any:
    """A neuron parameter as it was given, if it is a number or None; else as an array of numbers."""
    return given if given is None or isinstance(given, int | float | Decimal) else array(field, given, infinite=True)


def _decimals(tree: dict[str, Any]) -> Array:
    values = np.empty(len(tree["decimals"]), dtype=object)
    values[:] = [Decimal(text) for text in tree["decimals"]]
    return values.reshape(tree["shape"])


MADE: dict[str, Callable[[Any, list[Array]], Any]] = {
    "float": lambda tree, _: float.fromhex(tree["float"]),
    "decimal": lambda tree, _: Decimal(tree["decimal"]),
    "array": lambda tree, arrays: arrays[tree["array"]],
    "decimals": lambda tree, _: _decimals(tree),
    "mapping": lambda tree, arrays: {key: _thing(part, arrays) for key, part in tree["mapping"]},
    "tuple": lambda tree, arrays: tuple(_thing(part, arrays) for part in tree["tuple"]),
    "kind": lambda tree, arrays: KINDS[tree["kind"]](
        **{key: _thing(part, arrays) for key, part in tree["fields"].items()}
    ),
}


def _thing(tree: Any, arrays: list[Array]) -> Any:
    """The value of which `_tree` made this JSON."""
    return MADE[next(iter(tree))](tree, arrays) if isinstance(tree, dict) else tree
