"""Functions that adapters of engines with fixed time steps share: decays, gains, and spikes read off a grid."""

from __future__ import annotations

import math

import numpy as np
from work import Answer, Group

DT = 1.0  # ms


def decays(group: Group, dt: float = DT) -> tuple[float, float, float]:
    """Decay of V and of I in one step, and what a unit of I at its start adds to V at its end, all exact.

    With I <- i I + gain w and V <- v V + I in every step, V is exact at the end of each step between spikes.
    """
    v, i = math.exp(-dt / group.tau_mem), math.exp(-dt / group.tau_syn)
    return v, i, group.tau_syn / (group.tau_mem - group.tau_syn) * (v - i)


def grid_answer(
    layers: list[np.ndarray], dt: float, first_step: int, loss: float, gradients: dict[str, np.ndarray]
) -> Answer:
    """Spikes of layers of shape (n_steps, n_samples, size) that are not 0; step k stands for (k + first_step) dt."""
    parts, start = [], 0
    for spikes in layers:
        steps, samples, neurons = np.nonzero(spikes)
        parts.append(((steps + first_step) * dt, neurons + start, samples))
        start += spikes.shape[2]
    return Answer(*(np.concatenate(column) for column in zip(*parts, strict=True)), loss, gradients)
