"""Whether the parts of a case file fit together."""

from __future__ import annotations

from typing import Any

from spikeproof import InvalidInput
from spikeproof_verification.files.schema import check


def check_case(tree: dict[str, Any]) -> None:
    """Raise `InvalidInput` if a case tree does not fit its schema, or its parts do not fit each other."""
    check(tree, "case")
    n_neurons, n_inputs = tree["n_neurons"], tree["n_inputs"]
    if tree["layers"] is not None and sum(tree["layers"]) != n_neurons:
        raise InvalidInput("layers", tree["layers"], f"sizes that add up to n_neurons = {n_neurons}")
    _length("input_spikes", tree["input_spikes"], n_inputs)
    for number, times in enumerate(tree["input_spikes"]):
        for k in range(1, len(times)):
            if times[k] < times[k - 1]:
                raise InvalidInput(f"input_spikes[{number}][{k}]", times[k], "times in ascending order")
    _matrix("w_in", tree["w_in"], n_inputs, n_neurons)
    if tree["w_rec"] is not None:
        _matrix("w_rec", tree["w_rec"], n_neurons, n_neurons)
    _check_expected(tree["expected"], n_neurons)
    if "gradients" in tree:
        _check_gradients(tree["gradients"], tree)


def _check_expected(expected: dict[str, Any], n_neurons: int) -> None:
    for key in ("n_spikes", "spike_times", "vdot", "v_end", "i_end"):
        _length(f"expected.{key}", expected[key], n_neurons)
    for neuron, count in enumerate(expected["n_spikes"]):
        _length(f"expected.spike_times[{neuron}]", expected["spike_times"][neuron], count)
        _length(f"expected.vdot[{neuron}]", expected["vdot"][neuron], count)
    _length("expected.order", expected["order"], sum(expected["n_spikes"]))
    _check_spikes("expected.order", expected["order"], expected["n_spikes"])


def _check_gradients(gradients: dict[str, Any], tree: dict[str, Any]) -> None:
    _check_spikes("gradients.spikes", gradients["spikes"], tree["expected"]["n_spikes"])
    for number, (array, row, column) in enumerate(gradients["params"]):
        values = tree[array]
        if values is None or row >= len(values) or column >= len(values[row]):
            raise InvalidInput(f"gradients.params[{number}]", [array, row, column], f"an entry of {array}")
    _matrix("gradients.jac", gradients["jac"], len(gradients["params"]), len(gradients["spikes"]))


def _check_spikes(field: str, spikes: list[list[int]], n_spikes: list[int]) -> None:
    for number, (neuron, k) in enumerate(spikes):
        if neuron >= len(n_spikes) or k >= n_spikes[neuron]:
            raise InvalidInput(f"{field}[{number}]", [neuron, k], "[neuron, k] of an expected spike")


def _matrix(field: str, rows: list[Any], n_rows: int, n_columns: int) -> None:
    _length(field, rows, n_rows)
    for number, row in enumerate(rows):
        _length(f"{field}[{number}]", row, n_columns)


def _length(field: str, values: list[Any], length: int) -> None:
    if len(values) != length:
        raise InvalidInput(field, f"{len(values)} entries", f"{length} entries")
