"""The trace of a forward pass: potentials, spikes, and the state at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.spikes import Spikes


class Trace(NamedTuple):
    """Potentials and spikes of a forward pass of K steps.

    Attributes
    ----------
    v : array, shape (n_samples, K + 1, n_neurons)
        V at the grid points, before the reset.
    s : array, shape (n_samples, K, n_neurons), or (n_samples, 0, n_neurons)
        S of a smoothed step; empty where the step is hard, and the spikes are listed.
    neurons : int32 array, shape (n_samples, K n_neurons)
        The neurons that spike, step by step.
    bounds : int64 array, shape (n_samples, K + 2)
        Those of step k are ``neurons[sample, bounds[sample, k] : bounds[sample, k + 1]]``.
    i_end : array, shape (n_samples, n_neurons)
        I at the last grid point; with delta synapses what would arrive in the next step.
    """

    v: Float64Array
    s: Float64Array
    neurons: Array
    bounds: IntArray
    i_end: Float64Array

    @property
    def n_spikes(self) -> int:
        """Number of spikes of all samples."""
        return int(self.bounds[:, -1].sum())


def new_trace(n_samples: int, n_steps: int, n_neurons: int, *, smooth: bool) -> Trace:
    """A trace to be written, of the hard or of a smoothed step."""
    return Trace(
        np.empty((n_samples, n_steps + 1, n_neurons)),
        np.empty((n_samples, n_steps if smooth else 0, n_neurons)),
        np.empty((n_samples, 0 if smooth else n_steps * n_neurons), np.int32),
        np.zeros((n_samples, n_steps + 2), np.int64),
        np.empty((n_samples, n_neurons)),
    )


def finite(trace: Trace) -> Trace:
    """`trace`, whose potentials have not overflowed; raises `InvalidInput` otherwise."""
    if np.all(np.isfinite(trace.v[:, -1])) and np.all(np.isfinite(trace.i_end)):
        return trace
    raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")


def joined(parts: Sequence[Spikes]) -> Spikes:
    """The spikes of consecutive samples as those of one batch.

    Parameters
    ----------
    parts : sequence of Spikes

    Returns
    -------
    Spikes
    """
    times, neurons, vdot = (
        np.concatenate(columns) for columns in zip(*((p.times, p.neurons, p.vdot) for p in parts), strict=True)
    )
    counts = np.concatenate([np.diff(p.offsets) for p in parts])
    return Spikes(times, neurons, np.concatenate([[0], np.cumsum(counts)]), vdot)
