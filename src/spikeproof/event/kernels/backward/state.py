"""The state of a backward pass and the arrays that it writes, in tuples that its functions pass on."""

from __future__ import annotations

from typing import NamedTuple

from spikeproof.numbers import Array, Float64Array, IntArray


class Adjoint(NamedTuple):
    """The adjoint variables of one sample. Shapes: N slots.

    Each slot stands at a time of its own, `t_lambda`: its lambda_v and lambda_i are those just after it.
    """

    lambda_v: Float64Array  # (N,)
    lambda_i: Float64Array  # (N,)
    t_lambda: Float64Array  # (N,)
    first_point: IntArray  # (N,) where the slot's points start in `VoltageCotangents`
    point: IntArray  # (N,) one past the last point that is still to be passed
    held: Float64Array  # (N,) 1 between a release and its spike
    d_release: Float64Array  # (N,) dL/dt of that release


class Derivatives(NamedTuple):
    """The arrays that the backward pass of a sample writes. Shapes: K spikes and A input spikes, W weights."""

    d_spike: Float64Array  # (K,) dl_p/dt of each spike; collects what its arrivals add
    jumps: Float64Array  # (K,) lambda_v^- - lambda_v^+ at each spike
    before: Float64Array  # (K,) lambda_v^- at each spike at which it is not 0, or empty
    d_input: Float64Array  # (A,) of each input time
    weights: Float64Array  # (W,)
    delays: Float64Array  # (W,), or empty


class Work(NamedTuple):
    """Working memory. Shapes: N slots, R runs, M the most arrivals of a block."""

    rows: Array  # (5, N) or longer, see `dense` and `sparse`
    detached: IntArray  # (N,)
    living: IntArray  # (N,)
    flows: Float64Array  # (3, R, M + 1)
