"""Gauss-Legendre nodes between the events of a population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.event.trajectories import Trajectories
from spikeproof.numbers import Float64Array, IntArray


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes, ascending in each sample.

    Attributes
    ----------
    sample : int array, shape (n_nodes,)
    offset : int array, shape (n_samples + 1,)
    time, weight : arrays, shape (n_nodes,)
    """

    sample: IntArray
    offset: IntArray
    time: Float64Array
    weight: Float64Array


def nodes_of(run: Trajectories, order: int) -> Nodes:
    """Nodes of the rule of this order on every interval without events, divided by the shortest time constant."""
    x, w = np.polynomial.legendre.leggauss(order)
    longest = float(min(np.min(run.tau_mem), np.min(run.tau_syn)))
    boundary, offset = run.boundaries()
    times, weights = [], []
    for s in range(run.n_samples):
        edges = boundary[offset[s] : offset[s + 1]]
        pieces = np.maximum(1, np.ceil(np.diff(edges) / longest)).astype(np.int64)
        width = np.repeat(np.diff(edges) / pieces, pieces)
        rank = np.arange(len(width)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        start = np.repeat(edges[:-1], pieces) + rank * width
        times.append((start[:, None] + 0.5 * width[:, None] * (1.0 + x)).ravel())
        weights.append((0.5 * width[:, None] * w).ravel())
    counts = np.array([len(t) for t in times])
    return Nodes(
        sample=np.repeat(np.arange(run.n_samples), counts),
        offset=np.concatenate([[0], np.cumsum(counts)]),
        time=np.concatenate(times),
        weight=np.concatenate(weights),
    )
