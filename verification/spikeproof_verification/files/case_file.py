"""Cases of the format spike-case-1: a problem, and the spike times and derivatives that are exact for it."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

from spikeproof import Problem
from spikeproof_verification.files.case_check import check_case
from spikeproof_verification.files.case_network import case_problem
from spikeproof_verification.files.json_file import read_json


@dataclass(frozen=True)
class CaseGradients:
    """Exact derivatives of spike times.

    Attributes
    ----------
    params : (array, row, column) of each parameter; array is "w_in", "w_rec" or "input_spikes".
    spikes : (neuron, k) of each spike.
    jac : decimal strings; ``jac[p][s]`` is the derivative of spike s with respect to parameter p.
    """

    params: tuple[tuple[str, int, int], ...]
    spikes: tuple[tuple[int, int], ...]
    jac: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class CaseFile:
    """A case: the problem in binary64, and what exact arithmetic gives, as decimal strings.

    Attributes
    ----------
    name, description, tags : what the case is.
    problem : one sample, no loss; neuron i of the problem is neuron i of the file.
    spike_times, vdot : per neuron, the time of each spike and dV/dt just before it.
    order : (neuron, k) of every spike in firing order.
    v_end, i_end : per neuron, the state at the end.
    gradients : None where the file has none.
    """

    name: str
    description: str
    tags: tuple[str, ...]
    problem: Problem
    spike_times: tuple[tuple[str, ...], ...]
    vdot: tuple[tuple[str, ...], ...]
    order: tuple[tuple[int, int], ...]
    v_end: tuple[str, ...]
    i_end: tuple[str, ...]
    gradients: CaseGradients | None


def load_case(path: str | PathLike[str], *, flat: bool = False) -> CaseFile:
    """The case in a file of format spike-case-1 (see ``case.schema.json``).

    Parameters
    ----------
    path : path
        A UTF-8 JSON file.
    flat : bool
        Ignore the file's layers: one recurrent population "neurons".

    Returns
    -------
    CaseFile

    Raises
    ------
    InvalidInput
        In one line: the dotted path of the wrong value, the value and what is allowed; field ``"file"`` if it cannot
        be read.
    """
    return case_from_dict(read_json(path), flat=flat)


def case_from_dict(tree: dict[str, Any], *, flat: bool = False) -> CaseFile:
    """The case in a parsed JSON object.

    Parameters
    ----------
    tree : dict
    flat : bool
        Ignore its layers, as `load_case` does.

    Returns
    -------
    CaseFile

    Raises
    ------
    InvalidInput
        As `load_case`.
    """
    check_case(tree)
    expected = tree["expected"]
    return CaseFile(
        name=tree["name"],
        description=tree.get("description", ""),
        tags=tuple(tree.get("tags", ())),
        problem=case_problem(tree, flat=flat),
        spike_times=tuple(map(tuple, expected["spike_times"])),
        vdot=tuple(map(tuple, expected["vdot"])),
        order=_pairs(expected["order"]),
        v_end=tuple(expected["v_end"]),
        i_end=tuple(expected["i_end"]),
        gradients=_gradients(tree.get("gradients")),
    )


def _gradients(tree: dict[str, Any] | None) -> CaseGradients | None:
    if tree is None:
        return None
    params = tuple((name, int(row), int(column)) for name, row, column in tree["params"])
    return CaseGradients(params, _pairs(tree["spikes"]), tuple(map(tuple, tree["jac"])))


def _pairs(pairs: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((int(neuron), int(k)) for neuron, k in pairs)
