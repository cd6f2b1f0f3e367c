"""The plain arrays of the delta-synapse kernels: neurons, projections, and the tape of one sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.numbers import Array, Float64Array, IntArray

DONE, FULL, LIMIT, TIED = range(4)  # FULL: the tape; LIMIT: more events than allowed; TIED: no derivative exists
BY_BIAS = -1  # the trigger of a spike that no arrival caused


class DeltaTables(NamedTuple):
    """A network with delta synapses. Shapes: N neurons, P projections, W weights."""

    tau: Float64Array  # (N,)
    v_th: Float64Array  # (N,) infinite where a neuron never spikes
    v_reset: Float64Array  # (N,)
    bias: Float64Array  # (N,)
    v_init: Float64Array  # (N,)
    of_input: Array  # (P,) bool: sources are channels, not neurons
    pre: IntArray  # (P, 2) first source and the one after the last
    post: IntArray  # (P, 2) first target and the one after the last
    delay: Float64Array  # (P,)
    first_weight: IntArray  # (P,) place of the first weight in the vector of all
    weights: Float64Array  # (W,)


class DeltaTape(NamedTuple):
    """Events of one sample in their order. Shapes: A arrivals at one synapse each, K spikes; more memory may be held.

    The source of an arrival is a spike of the tape (>= 0), or input spike k of the sample, as -1 - k. `after` is the
    number of arrivals before a spike. `trigger` is the first of the arrivals that made a neuron spike, or `BY_BIAS`.
    """

    time: Float64Array  # (A,)
    neuron: IntArray  # (A,)
    v: Float64Array  # (A,) V just before the arrival
    weight: IntArray  # (A,) place in the vector of all weights
    source: IntArray  # (A,)
    spike_time: Float64Array  # (K,)
    spike_neuron: IntArray  # (K,)
    spike_v: Float64Array  # (K,) V just before the reset
    after: IntArray  # (K,)
    trigger: IntArray  # (K,)


def delta_tape(n_arrivals: int, n_spikes: int) -> DeltaTape:
    """An empty tape with memory for so many arrivals and spikes."""
    a, k = n_arrivals, n_spikes
    return DeltaTape(
        np.zeros(a), np.zeros(a, np.int64), np.zeros(a), np.zeros(a, np.int64), np.zeros(a, np.int64),
        np.zeros(k), np.zeros(k, np.int64), np.zeros(k), np.zeros(k, np.int64), np.zeros(k, np.int64),
    )  # fmt: skip
