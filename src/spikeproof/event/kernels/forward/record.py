"""From the queue to the tape: the spikes of a component, sample by sample, in the order of time.

Loops: the queue's spikes, counted by sample and then put into their places; samples, whose spikes are sorted interval
by interval. Within a sample spikes are in the order of the arrivals before them all the time. The queue is
overwritten; the tape grows by the spikes of each block, and is the caller's.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import bare_kernel, inner, kernel, once
from spikeproof.event.kernels.core.tape import DONE, LIMIT, TAPE_FULL

FEW = 512  # spikes that are sorted by comparing all pairs


@inner
def record_spikes(a, size, c, n_components, tape, first, last, queue, n_spikes, by_neuron, k, limit):
    """Append the queue's spikes of component `c` to the tape after its first `k`; returns status, sample, spikes.

    The component has `size` slots from `a` on.
    The queue holds spikes of samples first .. last of the tape in the order in which they were found. Its lanes lie
    side by side for each neuron if `by_neuron`, else for each sample; they are overwritten.
    """
    starts, stops = tape.spike_start, tape.spike_stop
    if k + n_spikes > len(tape.spike_time):
        return TAPE_FULL, first, k
    n_samples, place, lanes, samples = last - first, queue.place, queue.spike_lane, queue.spike_sample
    place[: n_samples + 1] = 0
    side = n_samples if by_neuron else size
    per_side = 1.0 / side
    for q in range(n_spikes):
        high = int((lanes[q] + 0.5) * per_side)  # a whole division, which takes longer
        low = lanes[q] - high * side
        samples[q], lanes[q] = (low, high) if by_neuron else (high, low)
        place[samples[q] + 1] += 1
    for b in range(last - first):
        block = (first + b) * n_components + c
        place[b + 1] += place[b]
        starts[block], stops[block] = k + place[b], k + place[b + 1]
        if n_events(tape.arrival_start, tape.arrival_stop, starts, stops, block - c, block + 1) > limit:
            return LIMIT, first + b, k
    _scatter(queue, tape, k, a, n_spikes)
    for b in range(last - first):
        block = (first + b) * n_components + c
        sort_spikes(
            tape.spike_time, tape.spike_slot, tape.spike_slope, tape.spike_after, starts[block], stops[block],
            queue.spike_time, queue.spike_slope, lanes, samples,
        )  # fmt: skip
    return DONE, last, k + n_spikes


@inner
def spike_room(tape, c, n_components, sample, n, size, queue, limit):
    """Number of spikes of component `c` that the queue holds, or that are more than `n` samples of the tape may have.

    A single sample has too many events for certain once as many neurons as there are, `size`, may spike beyond what is
    left of its limit. Of several, the number says only that they had better be taken one by one.
    """
    room = len(queue.spike_time)
    if n > 1:
        return min(room, crowd(limit, queue))
    block = sample * n_components + c
    arrivals = tape.arrival_stop[block] - tape.arrival_start[block]
    before = n_events(tape.arrival_start, tape.arrival_stop, tape.spike_start, tape.spike_stop, block - c, block)
    return min(room, limit - before - arrivals + size)


@kernel
def crowd(limit, queue):
    """Number of spikes beyond which samples are taken one by one: one of them is likely to run away."""
    return max(4 * limit, 2 * len(queue.lane))


@inner
def n_events(arrival_start, arrival_stop, spike_start, spike_stop, first, last):
    """Number of events of blocks first .. last."""
    n = 0
    for q in range(first, last):
        n += arrival_stop[q] - arrival_start[q] + spike_stop[q] - spike_start[q]
    return n


@once
def _scatter(queue, tape, k, a, n):
    """Put every spike to those of its sample, in the order found; `place`, where the next one goes, is overwritten."""
    time, slope, after, slots = queue.spike_time, queue.spike_slope, queue.spike_after, queue.spike_lane
    spike_time, spike_slot, spike_slope, spike_after = (
        tape.spike_time, tape.spike_slot, tape.spike_slope, tape.spike_after
    )  # fmt: skip
    samples, place = queue.spike_sample, queue.place
    for q in range(n):
        b = samples[q]
        m = k + place[b]
        place[b] += 1
        spike_time[m], spike_slope[m], spike_after[m] = time[q], slope[q], after[q]
        spike_slot[m] = a + slots[q]


@inner
def sort_spikes(time, slot, slope, after, start, stop, old_time, old_slope, old_slot, place):
    """Sort spikes, which are in the order of the arrivals before them, by time within each interval, then by slot.

    The last four arrays are working memory.
    """
    first = start
    while first < stop:
        last = first + 1
        while last < stop and after[last] == after[first]:
            last += 1
        n = last - first
        few = 1 < n <= FEW
        for m in range(n if few else 0):
            old_time[m], old_slope[m], old_slot[m] = time[first + m], slope[first + m], slot[first + m]
        if few and 2 * _rank(old_time, n, place) == n * (n - 1):
            for m in range(n):
                to = first + place[m]
                time[to], slope[to], slot[to] = old_time[m], old_slope[m], old_slot[m]
        elif n > 1:  # many spikes, or some at the same time, which have the same rank
            _shell(time, slot, slope, first, last)
        first = last


@inner
def _rank(time, n, rank):
    """Number of spikes before each of the first `n`, and their sum; all pairs are compared, without a branch.

    Eight counts at a time stay in registers: to add to them in memory would take twice as long. Spikes before none of
    the others fill up the last vector: the rest of a loop takes as long as the loop.
    """
    total, whole = 0, (n + 7) & ~7
    for m in range(n, whole):
        time[m] = np.inf
    for m in range(0, whole, 8):
        t0, t1, t2, t3 = time[m], time[m + 1], time[m + 2], time[m + 3]
        t4, t5, t6, t7 = time[m + 4], time[m + 5], time[m + 6], time[m + 7]
        n0 = n1 = n2 = n3 = n4 = n5 = n6 = n7 = 0
        for q in range(whole):
            t = time[q]
            n0, n1, n2, n3 = n0 + (t0 > t), n1 + (t1 > t), n2 + (t2 > t), n3 + (t3 > t)
            n4, n5, n6, n7 = n4 + (t4 > t), n5 + (t5 > t), n6 + (t6 > t), n7 + (t7 > t)
        rank[m], rank[m + 1], rank[m + 2], rank[m + 3] = n0, n1, n2, n3
        rank[m + 4], rank[m + 5], rank[m + 6], rank[m + 7] = n4, n5, n6, n7
    for m in range(n):
        total += rank[m]
    return total


@inner
def _shell(time, slot, slope, first, last):
    """Sort spikes first .. last in place: by insertion at ever smaller distances (Ciura, 2001)."""
    gap = 701
    while 9 * gap < 4 * (last - first):
        gap = 9 * gap // 4
    while gap > 0:
        for m in range(first + gap, last):
            t, s, d = time[m], slot[m], slope[m]
            q = m
            while q >= first + gap and (time[q - gap] > t or (time[q - gap] == t and slot[q - gap] > s)):
                time[q], slot[q], slope[q] = time[q - gap], slot[q - gap], slope[q - gap]
                q -= gap
            time[q], slot[q], slope[q] = t, s, d
        gap = _next_gap(gap)


@inner
def _next_gap(gap):
    """The next smaller distance, 0 after 1."""
    for smaller in (301, 132, 57, 23, 10, 4, 1, 0):
        if smaller < gap <= 701:
            return smaller
    return 4 * gap // 9


@bare_kernel
def collect(tape, neuron, tau_mem, n_components, first, times, neurons, vdot, offsets):
    """Copy the spikes of a tape, sample by sample, to those of the batch: times, neurons, vdot, offsets.

    The first one gets the number `first`; `offsets` are those of the tape's samples, `neuron` and `tau_mem` those of
    each slot.
    """
    start, stop, time, slot, slope = (
        tape.spike_start, tape.spike_stop, tape.spike_time, tape.spike_slot, tape.spike_slope
    )  # fmt: skip
    n, offsets[0] = first, first
    for s in range(len(start) // n_components):
        for block in range(s * n_components, (s + 1) * n_components):
            a, b = start[block], stop[block]
            m = n + b - a
            _copy(time[a:b], slot[a:b], slope[a:b], neuron, tau_mem, times[n:m], neurons[n:m], vdot[n:m])
            n = m
        offsets[s + 1] = n


@inner
def _copy(time, slot, slope, neuron, tau_mem, times, neurons, vdot):
    for k in range(len(time)):
        at = slot[k]
        times[k], neurons[k], vdot[k] = time[k], neuron[at], slope[k] / tau_mem[at]


@bare_kernel
def add_by_place(start, stop, shift, values, out):
    """Add what each spike has, in the order of numbers, to its place on the tape; see `Part.shift`."""
    for block in range(len(shift)):
        for k in range(start[block], stop[block]):
            out[k] += values[k + shift[block]]


@bare_kernel
def by_number(start, stop, shift, values, out):
    """Write what each spike has at its place on the tape in the order of numbers."""
    for block in range(len(shift)):
        for k in range(start[block], stop[block]):
            out[k + shift[block]] = values[k]
