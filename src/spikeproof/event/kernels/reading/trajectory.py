"""V and I of a range of slots between their events, read back from the tape.

Loops: samples; arrivals, each with the spikes and releases before it; the synapses of its row. A slot's segments lie
side by side, sample by sample, each with V and I as its event leaves them; the next one starts from there. First they
are counted, so that the caller can make the arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.elementary import exp
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.dynamics.flow import lasting, nested
from spikeproof.event.kernels.core.releases import releases_of_block
from spikeproof.event.kernels.core.synapses import target
from spikeproof.event.kernels.core.tables import GROUP, I_START, MEM, RESET, SYN, T_REF, V_START
from spikeproof.numbers import Array, Float64Array, IntArray

LAST = 1e300  # later than all releases that happen


class Segments(NamedTuple):
    """The arrays of segments, see `Trajectories`."""

    time: Float64Array
    v: Float64Array
    i: Float64Array
    held: Array
    arrival: IntArray
    spike: IntArray


@kernel
def count_segments(layout, c, lo, hi, tape, releases, counts):
    """Number of segments of slots lo .. hi of the tape's samples: one, and one more per spike, release or arrival."""
    n_components = layout.component.shape[1] - 1
    counts[:] = 1
    for s in range(len(counts)):
        block = s * n_components + c
        for k in range(tape.spike_start[block], tape.spike_stop[block]):
            if lo <= tape.spike_slot[k] < hi:
                counts[s, tape.spike_slot[k] - lo] += 1
        first, last = releases_of_block(releases, block)
        for q in range(first, last + 1):
            if lo <= releases.slot[q] < hi and releases.time[q] < np.inf:
                counts[s, releases.slot[q] - lo] += 1
        for a in range(tape.arrival_start[block], tape.arrival_stop[block]):
            p, row = tape.arrival_projection[a], tape.arrival_row[a]
            for w in range(layout.row_offset[row], layout.row_offset[row + 1]):
                n = target(layout, p, row, w)
                if lo <= n < hi and layout.weights[w] != 0.0:
                    counts[s, n - lo] += 1


@kernel
def record_segments(layout, c, lo, hi, tape, releases, start_of, segments):
    """Write the segments; `start_of`, shape (samples, hi - lo), says where each slot's begin, and is overwritten.

    `arrival` is the number of the arrival that starts a segment in its block, `spike` that of a spike on the tape; -1
    where there is none. In a segment that is `held` V stays what it is.
    """
    n_components, (time, v, i, held, arrival, spike) = layout.component.shape[1] - 1, segments
    for s in range(len(start_of)):
        block, next_ = s * n_components + c, start_of[s]
        for n in range(hi - lo):
            m = next_[n]
            time[m], v[m], i[m] = 0.0, layout.slot[V_START, lo + n], layout.slot[I_START, lo + n]
            held[m], arrival[m], spike[m] = False, -1, -1
            next_[n] += 1
        k, a0, a1 = tape.spike_start[block], tape.arrival_start[block], tape.arrival_stop[block]
        q, last = releases_of_block(releases, block)
        for a in range(a0, a1 + 1):
            while k < tape.spike_stop[block] and tape.spike_after[k] == a - a0:
                slot = tape.spike_slot[k]
                q = _release(layout, lo, hi, releases, q, last, a - a0, tape.spike_time[k], next_, segments)
                if lo <= slot < hi:
                    m = _next(layout, slot, slot - lo, tape.spike_time[k], next_, segments)
                    v[m], held[m], spike[m] = layout.slot[RESET, slot], layout.slot[T_REF, slot] > 0.0, k
                k += 1
            q = _release(layout, lo, hi, releases, q, last, a - a0, LAST, next_, segments)
            if a == a1:
                break
            p, row = tape.arrival_projection[a], tape.arrival_row[a]
            for w in range(layout.row_offset[row], layout.row_offset[row + 1]):
                n, weight = target(layout, p, row, w), layout.weights[w]
                if lo <= n < hi and weight != 0.0:
                    m = _next(layout, n, n - lo, tape.arrival_time[a], next_, segments)
                    i[m], arrival[m] = i[m] + weight, a - a0


@inner
def _release(layout, lo, hi, releases, q, last, after, until, next_, segments):
    """Start a segment at each release from `q` on that comes after so many arrivals up to a time; returns the next."""
    while q <= last and releases.after[q] == after and releases.time[q] <= until:
        slot = releases.slot[q]
        if lo <= slot < hi:
            m = _next(layout, slot, slot - lo, releases.time[q], next_, segments)
            segments.held[m] = False
        q += 1
    return q


@inner
def _next(layout, slot, n, now, next_, segments):
    """Start a segment of slot number `n` of the range at `now`, with V and I as they arrive there."""
    time, v, i, held = segments.time, segments.v, segments.i, segments.held
    m, g = next_[n], layout.number[GROUP, slot]
    next_[n] += 1
    e_mem, e_syn, gain = propagator(now - time[m - 1], layout.time[MEM, g], layout.time[SYN, g])
    v[m], i[m] = advance(v[m - 1], i[m - 1], e_mem, e_syn, gain)
    if held[m - 1]:
        v[m] = v[m - 1]
    time[m], held[m], segments.arrival[m], segments.spike[m] = now, held[m - 1], -1, -1
    return m


@kernel
def potentials(offset, time, v, i, held, tau_mem, tau_syn, node_offset, nodes, out):
    """V - bias of each neuron at the ascending `nodes` of each sample, left limits; ``out`` has shape (nodes, n)."""
    n_neurons = len(tau_mem)
    for s in range(len(node_offset) - 1):
        for n in range(n_neurons):
            m, stop = offset[s * n_neurons + n], offset[s * n_neurons + n + 1]
            for q in range(node_offset[s], node_offset[s + 1]):
                while m + 1 < stop and time[m + 1] < nodes[q]:
                    m += 1
                e_mem, e_syn, gain = propagator(nodes[q] - time[m], tau_mem[n], tau_syn[n])
                out[q, n], _ = advance(v[m], i[m], e_mem, e_syn, gain)
                if held[m]:
                    out[q, n] = v[m]


@kernel
def integrals(time, v, i, held, end, rate, tau_mem, tau_syn, out):
    """Integral of exp(-rate t) (V - bias) over each segment, from `time` to `end`.

    ::

        g(time) (V int_0^d exp(-b u) du + I / tau_mem int_0^d exp(-a u) int_0^(d - u) exp(-b w) dw du)

    with a = rate + 1 / tau_syn, b = rate + 1 / tau_mem: no small difference, however long the time constants.
    """
    for m in range(len(time)):
        if held[m]:
            out[m] = exp(-rate * time[m]) * v[m] * lasting(rate, end[m] - time[m])
            continue
        a, b, d = rate + 1.0 / tau_syn[m], rate + 1.0 / tau_mem[m], end[m] - time[m]
        out[m] = exp(-rate * time[m]) * (v[m] * lasting(b, d) + i[m] * (nested(a, b, d) / tau_mem[m]))
