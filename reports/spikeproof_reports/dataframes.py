"""Solutions and training histories as pandas DataFrames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spikeproof import InvalidInput, Solution
from spikeproof.arguments import instance
from spikeproof.training import State, Trainer
from spikeproof_reports.needed import needed

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = needed("pandas", "data frames", "notebook")

__all__ = ["history_frame", "spikes_frame", "synapses_frame"]


def spikes_frame(solution: Solution) -> pd.DataFrame:
    """The spikes of a solution, a row for each, in the order of sample, time and neuron.

    Parameters
    ----------
    solution : Solution

    Returns
    -------
    DataFrame
        Columns ``sample``, ``population``, ``neuron`` (within its population), ``rank`` (among the spikes of its
        neuron, from 0), ``time`` and ``vdot``, in binary64.
    """
    spikes, network = instance("solution", solution, Solution).spikes, solution.problem.network
    sample, time = spikes.samples(), spikes.times.astype(np.float64)
    order = np.lexsort((spikes.neurons, time, sample))
    names = [p.name for p in network.populations]
    starts = np.array([network.neurons(name).start for name in names])
    group = np.searchsorted(starts, spikes.neurons, side="right") - 1
    frame = pd.DataFrame(
        {
            "sample": sample,
            "population": pd.Categorical.from_codes(group, categories=pd.Index(names)),
            "neuron": spikes.neurons - starts[group],
            "time": time,
            "vdot": spikes.vdot.astype(np.float64),
        }
    )
    frame = frame.iloc[order].reset_index(drop=True)
    rank = frame.groupby(["sample", "population", "neuron"], observed=True).cumcount()
    frame.insert(3, "rank", rank.astype(np.int64))
    return frame


def synapses_frame(solution: Solution) -> pd.DataFrame:
    """The synapses of the network of a solution, a row for each, with weight, delay and gradients.

    Parameters
    ----------
    solution : Solution

    Returns
    -------
    DataFrame
        Columns ``projection``, ``pre``, ``post`` (numbers within their groups), ``weight`` and ``delay`` and, as far as
        the solution has gradients, ``d_weight`` and ``d_delay``; in binary64.
    """
    problem, gradients = instance("solution", solution, Solution).problem, solution.gradients
    network, parts = problem.network, []
    for projection in network.projections:
        pairs = np.array(list(network.pairs(projection)), dtype=np.int64).reshape(-1, 2)
        part: dict[str, Any] = {"projection": projection.name, "pre": pairs[:, 0], "post": pairs[:, 1]}
        part["weight"] = np.ravel(problem.parameters.weights[projection.name]).astype(np.float64)
        part["delay"] = np.full(len(pairs), float(projection.delay))
        if gradients is not None:
            part["d_weight"] = np.ravel(gradients.weights[projection.name]).astype(np.float64)
            if gradients.delays is not None:
                part["d_delay"] = np.ravel(gradients.delays[projection.name]).astype(np.float64)
        parts.append(pd.DataFrame(part))
    empty = pd.DataFrame({"projection": [], "pre": [], "post": [], "weight": [], "delay": []})
    return pd.concat(parts, ignore_index=True) if parts else empty


def history_frame(trainings: Any) -> pd.DataFrame:
    """The history of one training, or of several, as a row per epoch.

    Parameters
    ----------
    trainings : Trainer or State, or a mapping from keys to them
        The keys are such as seeds.

    Returns
    -------
    DataFrame
        The columns of the history; ``epoch`` and ``idle`` are whole numbers. For a mapping there is a column
        ``training`` with the key before them.

    Raises
    ------
    InvalidInput
        If it is something else.
    """
    if not isinstance(trainings, Mapping):
        return _whole(pd.DataFrame(_rows(trainings)))
    rows = [{"training": key, **row} for key, training in trainings.items() for row in _rows(training)]
    return _whole(pd.DataFrame(rows))


def _rows(training: Any) -> Sequence[Mapping[str, float]]:
    state = training.state if isinstance(training, Trainer) else training
    if not isinstance(state, State):
        raise InvalidInput("trainings", training, "a Trainer or a State, or a mapping from keys to them")
    return state.history


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: np.int64 for name in ("epoch", "idle") if name in frame})
