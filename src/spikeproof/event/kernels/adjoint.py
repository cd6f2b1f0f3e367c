"""Backward pass: the tape replayed exactly reversed. Between events, with ' = -d/dt.

::

    tau_mem lambda_v' = -lambda_v - dl_V/dV        tau_syn lambda_i' = -lambda_i + lambda_v

Wunderlich and Pehle (2021), Table 2; the notes' eqs. 32, 52 to 56.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import kernel, part
from spikeproof.event.kernels.adjoint_apart import replay_apart
from spikeproof.event.kernels.adjoint_together import replay_together
from spikeproof.event.kernels.tape import DONE


@kernel
def adjoint(
    layout, duration, offsets, first, bounds, tape, sources, d_spike, jumps, d_input, gradient, d_delay, sparse
):
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike of the tape.

    `d_spike` holds dl_p/dt of each spike on the tape and collects what its arrivals add; `jumps` receives
    lambda_v^- - lambda_v^+ at each spike. `d_input`, shape of the input times, receives the gradient of each.
    ``gradient[n]`` and, unless it is empty, ``d_delay[n]`` receive the gradients of the weights and of the delays of
    single synapses over the chunk of samples bounds[n] .. bounds[n + 1]: their sum does not depend on the threads.
    `sources` is None where V does not enter the loss, `sparse` where no component needs that pass: what they would
    need is then not compiled.
    """
    n_slots, n_components = len(layout.neuron), len(layout.internal)
    rows, places = np.zeros((7, n_slots)), np.zeros((3, n_slots), np.int64)
    lambda_v, lambda_i, at, work = rows[0], rows[1], rows[2], rows[3:]
    first_point, point, touched = places[0], places[1], places[2]
    flows = np.empty((3, len(layout.run_start), _most(tape.arrival_start, tape.arrival_stop) + 1))
    for chunk in range(len(bounds) - 1):
        delays = d_delay[chunk] if len(d_delay) else d_delay.ravel()
        for s in range(bounds[chunk], bounds[chunk + 1]):
            inputs = d_input[offsets[s] : offsets[s + 1]]
            for n in range(n_slots):
                lambda_v[n], lambda_i[n], at[n] = 0.0, 0.0, duration
            if sources is not None:
                for n in range(n_slots if len(sources.point_offset) > 1 else 0):
                    first_point[n] = sources.point_offset[s * n_slots + n]
                    point[n] = sources.point_offset[s * n_slots + n + 1]
            for c in range(n_components - 1, -1, -1):
                block = (s - first) * n_components + c
                if sparse is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                    if layout.mixed[c]:
                        status, k = replay_apart(
                            layout, block, tape, lambda_v, lambda_i, at, sources, s, first_point, point, d_spike,
                            jumps, inputs, gradient[chunk], delays, work,
                        )  # fmt: skip
                        if status != DONE:
                            return status, s, k
                        continue
                status, k = replay_together(
                    layout, c, block, duration, tape, lambda_v, lambda_i, at, sources, s, first_point, point, d_spike,
                    jumps, inputs, gradient[chunk], delays, work, touched, flows,
                )  # fmt: skip
                if status != DONE:
                    return status, s, k
    return DONE, 0, 0


@part
def _most(start, stop):
    """Most arrivals of a block."""
    most = 0
    for b in range(len(start)):
        most = max(most, stop[b] - start[b])
    return most
