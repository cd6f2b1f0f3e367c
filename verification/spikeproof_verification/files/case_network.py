"""The problem of a case file, and the place of the file's parameters in it."""

from __future__ import annotations

from itertools import accumulate, pairwise
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
    Stimulus,
)
from spikeproof.numbers import Float64Array

INPUT = "input"


def case_problem(tree: dict[str, Any], *, flat: bool = False) -> Problem:
    """The problem of a checked case tree, in binary64; neurons keep the file's order.

    With layers, one population each ("layer0", ...) and a projection for every block of the matrices that has a
    nonzero entry; otherwise one population "neurons".
    """
    sizes = None if flat else tree["layers"]
    names = ["neurons"] if sizes is None else [f"layer{number}" for number in range(len(sizes))]
    sizes = [tree["n_neurons"]] if sizes is None else [int(size) for size in sizes]
    bounds = dict(zip(names, pairwise(accumulate(sizes, initial=0)), strict=True))
    channels = {INPUT: (0, int(tree["n_inputs"]))}
    keep_zero = len(names) == 1  # a single population keeps its projections, whatever their weights
    blocks = _blocks(tree["w_in"], channels, bounds, keep_zero)
    if tree["w_rec"] is not None:
        blocks |= _blocks(tree["w_rec"], bounds, bounds, keep_zero)
    delays = {pre: 0.0 if pre == INPUT else float(tree["delay"]) for pre, _ in blocks}
    network = Network(
        (Input(INPUT, int(tree["n_inputs"])),),
        tuple(Population(name, int(size)) for name, size in zip(names, sizes, strict=True)),
        tuple(Projection(pre, post, delays[pre]) for pre, post in blocks),
    )
    tau_mem, tau_syn, v_th, v_reset, t_ref = (
        float(tree[key]) for key in ("tau_mem", "tau_syn", "theta", "v_reset", "t_ref")
    )
    neuron = NeuronParameters(tau_mem, tau_syn, v_th, v_reset, t_ref=t_ref)
    weights = {f"{pre}->{post}": block for (pre, post), block in blocks.items()}
    parameters = Parameters(weights, dict.fromkeys(names, neuron))
    stimulus = Stimulus.of_channels(tree["input_spikes"], float(tree["t_end"]))
    return Problem(network, parameters, stimulus, name=tree["name"])


def locate_parameter(problem: Problem, param: tuple[str, int, int]) -> tuple[str, int, int] | tuple[str, int]:
    """The place of a case file's gradient parameter in the problem that `load_case` made of it.

    Parameters
    ----------
    problem : Problem
        ``load_case(path).problem``, flat or not.
    param : (array, row, column)
        As in ``CaseGradients.params``.

    Returns
    -------
    (projection, i, j)
        For a weight: ``parameters.weights[projection][i, j]``.
    ("input_time", index)
        For an input spike: ``stimulus.times[index]``.

    Raises
    ------
    InvalidInput
        If the problem has no such weight or input spike.
    """
    array, row, column = param
    if array == "input_spikes":
        index = np.flatnonzero(problem.stimulus.channels == row)
        if column < len(index):
            return "input_time", int(index[column])
    elif array in ("w_in", "w_rec"):
        network = problem.network
        for projection in network.projections:
            if network.from_input(projection) == (array == "w_in"):
                rows = network.channels(INPUT) if array == "w_in" else network.neurons(projection.pre)
                columns = network.neurons(projection.post)
                if row in rows and column in columns:
                    return projection.name, row - rows.start, column - columns.start
    raise InvalidInput("gradients.params", list(param), "a weight or input spike of the problem")


def _blocks(
    matrix: list[list[float]],
    pre: dict[str, tuple[int, int]],
    post: dict[str, tuple[int, int]],
    keep_zero: bool,
) -> dict[tuple[str, str], Float64Array]:
    w = np.array(matrix, dtype=np.float64)
    cut = {(p, q): w[slice(*rows), slice(*columns)] for p, rows in pre.items() for q, columns in post.items()}
    return {names: block for names, block in cut.items() if keep_zero or np.any(block)}
