"""Backward pass: the tape replayed exactly reversed. Between events, with ' = -d/dt.

::

    tau_mem lambda_v' = -lambda_v - dl_V/dV        tau_syn lambda_i' = -lambda_i + lambda_v

docs/theory.md (adjoint-flow), (adjoint-jump); Wunderlich and Pehle (2021), Table 2, eqs. 32 and 52 to 56.
"""

from __future__ import annotations

from typing import NamedTuple

from spikeproof.compiled import bare_kernel, inner, once
from spikeproof.event.kernels.backward.dense import replay_dense
from spikeproof.event.kernels.backward.sparse import replay_sparse
from spikeproof.event.kernels.backward.state import Adjoint, Derivatives, Work
from spikeproof.event.kernels.core.tables import MIXED
from spikeproof.event.kernels.core.tape import DONE
from spikeproof.numbers import Array, Float64Array, IntArray


class Rows(NamedTuple):
    """Sums by chunk. Shapes: R rows, W synapses, or 0 where the sums are not asked for."""

    first: Float64Array  # (W,) sums of the first chunk
    others: Array  # (R, W) of the chunks after it; or working memory, where these are added to the first


class Totals(NamedTuple):
    """The arrays that a backward pass of samples writes. Shapes: K spikes of the tape, A input spikes of the batch."""

    d_spike: Float64Array  # (K,) dl_p/dt of each spike; collects what its arrivals add
    jumps: Float64Array  # (K,) receives lambda_v^- - lambda_v^+ at each spike
    before: Float64Array  # (K,) zeros, or empty; receives lambda_v^- at each spike
    d_input: Float64Array  # (A,) receives the gradient of each input time
    weights: Rows  # receive the gradients of the weights and,
    delays: Rows  # unless they are empty, of the delays of single synapses


class Memory(NamedTuple):
    """Working memory. Shapes: N slots, R runs, M the most arrivals of a block."""

    rows: Array  # (10, N) or longer
    places: IntArray  # (4, N)
    flows: Float64Array  # (3, R + 1, M + 1)


@bare_kernel
def adjoint(layout, duration, offsets, first, bounds, tape, cotangents, totals, added, sparse, memory):
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike of the tape.

    The tape and the cotangents are of samples from `first` on. Sums of weights and delays are made over each chunk of
    samples bounds[n] .. bounds[n + 1] or, if `added`, over all of them in the first row. `cotangents` is None where V
    does not enter the loss and no neuron has a refractory time, `sparse` where no component needs that pass: what they
    would need is then not compiled.
    """
    rows, places = memory.rows, memory.places
    adjoint = Adjoint(rows[0], rows[1], rows[2], places[0], places[1], rows[3], rows[4])
    work = Work(rows[5:], places[2], places[3], memory.flows)
    for chunk in range(len(bounds) - 1):
        row = 0 if added else chunk - 1
        weights = totals.weights.others[row] if chunk > 0 else totals.weights.first
        delays = totals.delays.others[row] if chunk > 0 else totals.delays.first
        _clear(weights)
        _clear(delays)
        for s in range(bounds[chunk], bounds[chunk + 1]):
            inputs = totals.d_input[offsets[s] : offsets[s + 1]]
            out = Derivatives(totals.d_spike, totals.jumps, totals.before, inputs, weights, delays)
            _start(layout, duration, s - first, adjoint, cotangents)
            status, k = _sample(layout, duration, s - first, tape, adjoint, cotangents, out, sparse, work)
            if status != DONE:
                return status, s, k
        if added and chunk > 0:
            _add(totals.weights.first, weights)
            _add(totals.delays.first, delays)
    return DONE, 0, 0


@once
def _start(layout, duration, sample, adjoint, cotangents):
    """All slots at T."""
    n_slots = layout.slot.shape[1]
    for n in range(n_slots):
        adjoint.lambda_v[n], adjoint.lambda_i[n], adjoint.t_lambda[n] = 0.0, 0.0, duration
    if cotangents is not None:
        for n in range(n_slots):
            adjoint.held[n], adjoint.d_release[n] = 0.0, 0.0
        for n in range(n_slots if len(cotangents.point_offset) > 1 else 0):
            adjoint.first_point[n] = cotangents.point_offset[sample * n_slots + n]
            adjoint.point[n] = cotangents.point_offset[sample * n_slots + n + 1]


@once
def _sample(layout, duration, sample, tape, adjoint, cotangents, out, sparse, work):
    """All components of one sample, last one first; returns status and, when grazing, the spike."""
    n_components = layout.component.shape[1] - 1
    for c in range(n_components - 1, -1, -1):
        block = sample * n_components + c
        if sparse is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if layout.component[MIXED, c]:
                status, k = replay_sparse(layout, c, block, tape, adjoint, cotangents, sample, out, work)
                if status != DONE:
                    return status, k
                continue
        status, k = replay_dense(layout, c, block, duration, tape, adjoint, cotangents, sample, out, work)
        if status != DONE:
            return status, k
    return DONE, 0


@inner
def _clear(values):
    for n in range(len(values)):
        values[n] = 0.0


@inner
def _add(total, values):
    for n in range(len(total)):
        total[n] += values[n]
