"""Backward pass: the tape replayed exactly reversed. Between events, with ' = -d/dt.

::

    tau_mem lambda_v' = -lambda_v - dl_V/dV        tau_syn lambda_i' = -lambda_i + lambda_v

docs/theory.md (adjoint-flow), (adjoint-jump); Wunderlich and Pehle (2021), Table 2, eqs. 32 and 52 to 56.
"""

from __future__ import annotations

from typing import NamedTuple

from spikeproof.compiled import bare_kernel, part
from spikeproof.event.kernels.adjoint_apart import replay_apart
from spikeproof.event.kernels.adjoint_together import replay_together
from spikeproof.event.kernels.tables import MIXED
from spikeproof.event.kernels.tape import DONE
from spikeproof.numbers import Array, Float64Array


class Rows(NamedTuple):
    """Sums by chunk. Shapes: R rows, W synapses, or 0 where the sums are not asked for."""

    first: Float64Array  # (W,) sums of the first chunk
    others: Array  # (R, W) of the chunks after it; or working memory, where these are added to the first


@bare_kernel
def adjoint(
    layout, duration, offsets, first, bounds, tape, sources, d_spike, jumps, d_input, gradient, d_delay, added, sparse,
    rows, places, flows,
):  # fmt: skip
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike of the tape.

    `d_spike` holds dl_p/dt of each spike on the tape and collects what its arrivals add; `jumps` receives
    lambda_v^- - lambda_v^+ at each spike. `d_input`, shape of the input times, receives the gradient of each.
    `gradient` and, unless they are empty, `d_delay` receive the gradients of the weights and of the delays of single
    synapses over each chunk of samples bounds[n] .. bounds[n + 1], or, if `added`, over all of them in the first row.
    `sources` is None where V does not enter the loss, `sparse` where no component needs that pass: what they would
    need is then not compiled. Working memory: `rows`, shape (7, N) or longer; `places`, int64, (3, N); `flows`, (3,
    runs + 1, 1 + most arrivals of a block).
    """
    n_slots, n_components = layout.slot.shape[1], layout.component.shape[1] - 1
    lambda_v, lambda_i, at, work = rows[0], rows[1], rows[2], rows[3:]
    first_point, point, touched = places[0], places[1], places[2]
    for chunk in range(len(bounds) - 1):
        row = 0 if added else chunk - 1
        weights = gradient.others[row] if chunk > 0 else gradient.first
        delays = d_delay.others[row] if chunk > 0 else d_delay.first
        _clear(weights)
        _clear(delays)
        for s in range(bounds[chunk], bounds[chunk + 1]):
            own, inputs = s - first, d_input[offsets[s] : offsets[s + 1]]  # on the tape and in sources
            for n in range(n_slots):
                lambda_v[n], lambda_i[n], at[n] = 0.0, 0.0, duration
            if sources is not None:
                for n in range(n_slots if len(sources.point_offset) > 1 else 0):
                    first_point[n] = sources.point_offset[own * n_slots + n]
                    point[n] = sources.point_offset[own * n_slots + n + 1]
            for c in range(n_components - 1, -1, -1):
                block = own * n_components + c
                if sparse is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                    if layout.component[MIXED, c]:
                        status, k = replay_apart(
                            layout, block, tape, lambda_v, lambda_i, at, sources, own, first_point, point, d_spike,
                            jumps, inputs, weights, delays, work,
                        )  # fmt: skip
                        if status != DONE:
                            return status, s, k
                        continue
                status, k = replay_together(
                    layout, c, block, duration, tape, lambda_v, lambda_i, at, sources, own, first_point, point, d_spike,
                    jumps, inputs, weights, delays, work, touched, flows,
                )  # fmt: skip
                if status != DONE:
                    return status, s, k
        if added and chunk > 0:
            _add(gradient.first, weights)
            _add(d_delay.first, delays)
    return DONE, 0, 0


@part
def _clear(values):
    for n in range(len(values)):
        values[n] = 0.0


@part
def _add(total, values):
    for n in range(len(total)):
        total[n] += values[n]
