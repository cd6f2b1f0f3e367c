"""The tables of a network: few arrays, since each one that is passed on takes compilation time at every level."""

from __future__ import annotations

from typing import NamedTuple

from spikeproof.numbers import Array, Float64Array, IntArray

# Rows of `component`. Its last column holds the ends of slots, projections and runs, and else 0.
SLOTS = 0  # first slot
SIZES = 1  # number of slots
EXTERNAL = 2  # first projection into the component; those from other components and inputs come first
INTERNAL = 3  # first one from the component itself
MIXED = 4  # 1 where a sparse projection from outside reaches the component
RUNS = 5  # first run

# Rows of `projection`.
FROM_INPUT = 0  # 1 where it starts at an input
PRE_START, PRE_STOP = 1, 2  # channels, or slots, of the source
POST_START, POST_STOP = 3, 4  # slots of the target
SOURCE = 5  # component of the source; -1 for an input
FIRST_ROW = 6  # row of the first source
SPARSE = 7  # 1 where the targets of the synapses are listed
UNLISTED = 8  # synapse n of a sparse projection reaches slot ``target[n - unlisted]``
N_PROJECTION = 9

# Rows of `number`.
NEURON = 0  # neuron number of each slot
GROUP = 1  # index of its pair of time constants

# Rows of `slot`.
THRESHOLD = 0  # v_th, infinite for a leaky integrator
RESET, V_START, I_START, BIAS = 1, 2, 3, 4
TAU_SYN = 5
UNRESOLVED = 6  # a slope tau_mem Vdot at a spike up to which rounding decides whether it exists
T_REF = 7  # refractory time
N_SLOT = 8

# Rows of `time`.
MEM, SYN = 0, 1
SYN_FRACTION = 2  # tau_syn / (tau_mem + tau_syn)


class Layout(NamedTuple):
    """A network in tables. Shapes: C components, P projections, N neurons, G distinct pairs of time constants.

    Kernels measure V from the bias current, to which it relaxes without input: thresholds, resets and initial values of
    V hold V - bias, and the equations of motion are those without a bias.
    """

    component: IntArray  # (6, C + 1)
    projection: IntArray  # (9, P) by component of the target
    number: IntArray  # (2, N)
    slot: Float64Array  # (8, N)
    time: Float64Array  # (3, G)
    delay: Float64Array  # (P,)
    run_start: IntArray  # (runs + 1,) first slot of each run of neighbours with the same time constants
    row_offset: IntArray  # (rows + 1,) where the synapses of each source start in `weights`
    target: Array  # (synapses of sparse projections,) int32: slots
    weights: Float64Array  # (sum of n_pre * n_post,) in the network's order
