"""V and I of a range of slots between their events, read back from the tape, and what losses observe of V."""

from __future__ import annotations

from numba import njit

from spikeproof.event.kernels.arrivals import weight_row
from spikeproof.event.kernels.flow import decays, peak_time
from spikeproof.event.kernels.tape import SPIKE

AT_START, SMOOTH, KINK = 0, 1, 2  # where a maximum of V lies


@njit(cache=True, nogil=True)
def count_segments(layout, c, a, b, channels, offsets, first, last, tape, counts):
    """Number of segments of slots a .. b of samples first .. last: one, and one more per spike or arrival."""
    n_components = len(layout.internal)
    for s in range(first, last):
        block, k0 = (s - first) * n_components + c, tape.spike_offset[s - first]
        counts[s - first, :] = 1
        for e in range(tape.event_offset[block], tape.event_offset[block + 1]):
            p, source = tape.event_projection[e], tape.event_source[e]
            if p == SPIKE:
                slot = tape.spike_slot[k0 + source]
                if a <= slot < b:
                    counts[s - first, slot - a] += 1
                continue
            pre = channels[offsets[s] + source] if layout.from_input[p] else tape.spike_slot[k0 + source]
            w, start = weight_row(layout, p, pre), layout.post_start[p]
            for n in range(max(a, start), min(b, layout.post_stop[p])):
                if layout.weights[w + n - start] != 0.0:
                    counts[s - first, n - a] += 1


@njit(cache=True, nogil=True)
def record_segments(layout, c, a, b, channels, offsets, first, last, tape, start_of, time, v, i, event, spike):
    """Write the segments; `start_of`, shape (samples, b - a), says where each slot's begin, and is used up.

    `event` is the number of the event that starts a segment among those of its sample and component, `spike` that of
    a spike among those of the tape; -1 where there is none.
    """
    n_components = len(layout.internal)
    for s in range(first, last):
        block, k0, next_ = (s - first) * n_components + c, tape.spike_offset[s - first], start_of[s - first]
        for n in range(b - a):
            m = next_[n]
            time[m], v[m], i[m], event[m], spike[m] = 0.0, layout.v_init[a + n], layout.i_init[a + n], -1, -1
            next_[n] += 1
        for e in range(tape.event_offset[block], tape.event_offset[block + 1]):
            now, p, source = tape.event_time[e], tape.event_projection[e], tape.event_source[e]
            if p == SPIKE:
                slot = tape.spike_slot[k0 + source]
                if a <= slot < b:
                    m = _next(layout, slot, slot - a, now, next_, time, v, i)
                    v[m], event[m], spike[m] = layout.v_reset[slot], e - tape.event_offset[block], k0 + source
                continue
            pre = channels[offsets[s] + source] if layout.from_input[p] else tape.spike_slot[k0 + source]
            w, start = weight_row(layout, p, pre), layout.post_start[p]
            for n in range(max(a, start), min(b, layout.post_stop[p])):
                weight = layout.weights[w + n - start]
                if weight != 0.0:
                    m = _next(layout, n, n - a, now, next_, time, v, i)
                    i[m], event[m], spike[m] = i[m] + weight, e - tape.event_offset[block], -1


@njit(cache=True)
def _next(layout, slot, n, now, next_, time, v, i):
    """Start a segment of slot number `n` of the range at `now`, with V and I as they arrive there."""
    m, g = next_[n], layout.group[slot]
    next_[n] += 1
    e_mem, e_syn, j = decays(now - time[m - 1], layout.tau_mem[g], layout.tau_syn[g])
    time[m], v[m], i[m] = now, v[m - 1] * e_mem + i[m - 1] * (j / layout.tau_mem[g]), i[m - 1] * e_syn
    return m


@njit(cache=True, nogil=True)
def flow(v, i, dt, tau_mem, tau_syn, v_next, i_next):
    """V - bias and I after `dt` without events, entry by entry."""
    for m in range(len(dt)):
        e_mem, e_syn, j = decays(dt[m], tau_mem[m], tau_syn[m])
        v_next[m], i_next[m] = v[m] * e_mem + i[m] * (j / tau_mem[m]), i[m] * e_syn


@njit(cache=True, nogil=True)
def potentials(offset, time, v, i, tau_mem, tau_syn, node_offset, nodes, out):
    """V - bias of each neuron at the ascending `nodes` of each sample, left limits; ``out`` has shape (nodes, n)."""
    n_neurons = len(tau_mem)
    for s in range(len(node_offset) - 1):
        for n in range(n_neurons):
            m, stop = offset[s * n_neurons + n], offset[s * n_neurons + n + 1]
            for q in range(node_offset[s], node_offset[s + 1]):
                while m + 1 < stop and time[m + 1] < nodes[q]:
                    m += 1
                e_mem, _, j = decays(nodes[q] - time[m], tau_mem[n], tau_syn[n])
                out[q, n] = v[m] * e_mem + i[m] * (j / tau_mem[n])


@njit(cache=True, nogil=True)
def maxima(offset, time, v, i, event, tau_mem, tau_syn, duration, best, best_time, kind, arrival, slope):
    """Largest V - bias of every slot without a threshold, the first one if there are several.

    Shapes (samples, n). ``arrival`` is the event of a kink maximum, ``slope`` dV/dt^- there.
    """
    n_neurons = len(tau_mem)
    for s in range(best.shape[0]):
        for n in range(n_neurons):
            m, stop = offset[s * n_neurons + n], offset[s * n_neurons + n + 1]
            best[s, n], best_time[s, n], kind[s, n], arrival[s, n], slope[s, n] = v[m], 0.0, AT_START, -1, 0.0
            for q in range(m, stop):
                end = time[q + 1] if q + 1 < stop else duration
                dt = end - time[q]
                e_mem, e_syn, j = decays(dt, tau_mem[n], tau_syn[n])
                v_end, i_end = v[q] * e_mem + i[q] * (j / tau_mem[n]), i[q] * e_syn
                if i[q] > v[q] and i_end < v_end:
                    dt = min(dt, peak_time(v[q], i[q], tau_mem[n], tau_syn[n]))
                    e_mem, _, j = decays(dt, tau_mem[n], tau_syn[n])
                    top = v[q] * e_mem + i[q] * (j / tau_mem[n])
                    if top > best[s, n]:
                        best[s, n], best_time[s, n], kind[s, n] = top, time[q] + dt, SMOOTH
                        arrival[s, n], slope[s, n] = -1, 0.0
                elif i_end > v_end and v_end >= best[s, n]:
                    best[s, n], best_time[s, n], kind[s, n], arrival[s, n] = v_end, end, SMOOTH, -1
                    slope[s, n] = 0.0
                    if q + 1 < stop:  # unless this arrival turns V a later maximum is higher, or as high
                        kind[s, n], arrival[s, n] = KINK, event[q + 1]
                        slope[s, n] = (i_end - v_end) / tau_mem[n]
