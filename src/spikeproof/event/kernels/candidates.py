"""The neurons of several samples that may cross next, searched together, and those that do so first."""

from __future__ import annotations

from numba import njit

from spikeproof.event.kernels.crossings import (
    I_NEXT,
    NOW,
    UNTIL,
    V_NEXT,
    V_TH,
    WAIT,
    I,
    V,
    can_reach,
    finish_search,
    may_cross,
    start_search,
)
from spikeproof.event.kernels.passage import E_MEM, E_SYN, GAIN, NEXT_GAIN, NEXT_MEM, NEXT_SYN


@njit(cache=True, error_model="numpy")
def enqueue(column, q, flags, words, f, n, states, lane, v_th, slot, share, flow, b, now, until, lanes):
    """Queue those of `n` flagged neurons of sample `b` that may cross up to `until`; returns the new length.

    Neurons are counted from this lane and slot on, their flags from `f` on, a multiple of 8; `words` are the flags,
    eight at a time.
    """
    e_mem, e_syn, gain = flow[NEXT_MEM, b], flow[NEXT_SYN, b], flow[NEXT_GAIN, b]
    for word in range(f // 8, (f + n + 7) // 8):
        if words[word] != 0:
            for m in range(8 * word, min(8 * word + 8, f + n)):
                if flags[m]:
                    s = m - f
                    v, i, threshold = states[0, lane + s], states[1, lane + s], v_th[slot + s]
                    v_next, i_next = v * e_mem + i * gain, i * e_syn
                    if may_cross(v, i, v_next, i_next, threshold, share) and can_reach(v, i, v_next, threshold, share):
                        column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v, i, v_next, i_next
                        column[V_TH, q], column[NOW, q], column[UNTIL, q] = threshold, now, until
                        lanes[q] = lane + s
                        q += 1
    return q


@njit(cache=True, error_model="numpy")
def search(column, lanes, n, per_lane, tau_mem, tau_syn, event, found, due, due_lane, due_sample, n_due):
    """Append those of the queued lanes 0 .. n that cross to the due ones; returns the new number of these.

    ``event[b]`` becomes the first crossing of sample b, if that is earlier; a lane is one of sample
    ``int(lane * per_lane)``. ``found[b]`` counts who was queued.
    """
    start_search(column, n, tau_mem, tau_syn)
    finish_search(column, n, tau_mem, tau_syn)
    for q in range(n):
        b = int((lanes[q] + 0.5) * per_lane)
        found[b] += 1
        if column[WAIT, q] >= 0.0:
            time = min(column[NOW, q] + column[WAIT, q], column[UNTIL, q])
            due[n_due], due_lane[n_due], due_sample[n_due] = time, lanes[q], b
            event[b] = min(event[b], time)
            n_due += 1
    return n_due


@njit(cache=True, error_model="numpy")
def fire(
    due, due_lane, due_sample, start, stop, event, flow, states, v_th, lo, size, arrivals, spikes, room, time, slots,
    slope, after, fired, n_fired,
):  # fmt: skip
    """Log the spikes of those who are due now, and of those that rounding has put on their threshold.

    ``spikes[b]`` and ``arrivals[b]`` are the numbers of events of sample b so far; its log starts at ``b * room``.
    Returns how many have fired, -1 without room.
    """
    for q in range(start, stop):
        b, lane = due_sample[q], due_lane[q]
        s = lane - b * size
        v, i, threshold = states[0, lane], states[1, lane], v_th[lo + s]
        if due[q] <= event[b] or v * flow[E_MEM, b] + i * flow[GAIN, b] >= threshold:
            if spikes[b] >= room:
                return -1
            m = b * room + spikes[b]
            time[m], slots[m], after[m] = event[b], lo + s, arrivals[b]
            slope[m] = i * flow[E_SYN, b] - threshold
            spikes[b] += 1
            fired[n_fired], n_fired = lane, n_fired + 1
    return n_fired
