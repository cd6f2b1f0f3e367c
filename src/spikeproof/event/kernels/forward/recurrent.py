"""Forward pass of a component whose neurons act on each other, a few samples at a time, and its events on the tape.

The backward pass has no such file: on the tape its arrivals are like all others. Loops: blocks of samples, run in
`lockstep`; then their samples, in which internal arrivals are put between those from outside. The queue holds a
block's spikes and the log its internal arrivals, a part for each sample; the tape is the caller's and grows by both.
"""

from __future__ import annotations

from spikeproof.compiled import inner, kernel
from spikeproof.event.kernels.core.arrivals import merge_arrivals
from spikeproof.event.kernels.core.tables import FIRST_ROW, PRE_START, SIZES
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL, TAPE_FULL
from spikeproof.event.kernels.forward.lockstep import run_in_lockstep
from spikeproof.event.kernels.forward.lockstep_state import (
    INNER,
    PLACE,
    PROJECTION,
    SENDER,
    SPIKES,
    members_of,
    new_lockstep,
)

LANES, WIDEST = 4096, 32  # neurons, and samples, that are taken side by side: more of them would leave the cache
MANY = 64  # spikes of a neuron in a sample


@kernel
def recurrent_forward(layout, c, inputs, tape, start, stop, a, k, scratch, limit, held):
    """Run component `c` of samples start .. stop; returns status, where it stopped, and the counts on the tape there.

    The tape holds `a` arrivals and `k` spikes. Neurons that cross at the same time all spike and reset before their
    weights arrive. `held` is None without refractory times. Where the room would have to be large for all samples side
    by side, fewer of them are taken.
    """
    queue, states, log = scratch.queue, scratch.states, scratch.log
    size, s = layout.component[SIZES, c], start
    width = max(1, min(LANES // size, WIDEST))
    while s < stop:
        n = min(width, stop - s)
        end = merge_arrivals(layout, c, inputs, tape, s, s + n, a)
        if end < 0:
            return TAPE_FULL, s, a, k
        members = members_of(layout, c, n)
        lockstep = new_lockstep(members, n)
        status, b = run_in_lockstep(layout, c, inputs, tape, s, members, lockstep, queue, states, log, limit, held)
        spikes, inner = lockstep.counts[SPIKES], lockstep.counts[INNER]
        if status == SCRATCH_FULL and n > 1 and len(queue.spike_time) > MANY * n * size:
            width = n // 2
            continue
        if status != DONE:  # what was full has written none of these samples
            return status, s + b if status == LIMIT else s, a, k
        n_inner, n_spikes = 0, 0
        for m in range(n):
            n_inner, n_spikes = n_inner + inner[m], n_spikes + spikes[m]
        if end + n_inner > len(tape.arrival_time) or k + n_spikes > len(tape.spike_time):
            return TAPE_FULL, s, a, k
        a, k = write_samples(layout, c, tape, s, n, queue, log, spikes, inner, end, k)
        s += n
    return DONE, stop, a, k


@inner
def write_samples(layout, c, tape, sample, n, queue, log, spikes, inner, a, k):
    """Append the logged spikes of `n` samples to the tape, and put internal arrivals between those from outside.

    Returns the new numbers of arrivals and spikes.
    """
    n_components, delay = layout.component.shape[1] - 1, layout.delay
    pre_start, row_start = layout.projection[PRE_START], layout.projection[FIRST_ROW]
    time, slots, slope, after = queue.spike_time, queue.spike_lane, queue.spike_slope, queue.spike_after
    spike_time, spike_slot = tape.spike_time, tape.spike_slot
    spike_slope, spike_after = tape.spike_slope, tape.spike_after
    for b in range(n):
        block, m = (sample + b) * n_components + c, b * (len(time) // n)
        tape.spike_start[block], tape.spike_stop[block] = k, k + spikes[b]
        for q in range(spikes[b]):
            spike_time[k + q], spike_slot[k + q], spike_slope[k + q] = time[m + q], slots[m + q], slope[m + q]
            spike_after[k + q] = after[m + q]
        k += spikes[b]
    for b in range(n):
        a += inner[b]
    to = a
    arrival_time, arrival_projection = tape.arrival_time, tape.arrival_projection
    arrival_source, arrival_row = tape.arrival_source, tape.arrival_row
    for b in range(n - 1, -1, -1):  # from the last one on, what is moved has left its place
        block, entry = (sample + b) * n_components + c, b * (len(log) // n) + inner[b] - 1
        outer, first, lowest = tape.arrival_stop[block], tape.spike_start[block], entry - inner[b]
        tape.arrival_stop[block] = to
        begin = to - (outer - tape.arrival_start[block]) - inner[b]
        while to > begin:
            to -= 1
            if entry > lowest and log[entry, PLACE] == to - begin:
                p, sender = log[entry, PROJECTION], first + log[entry, SENDER]
                arrival_time[to], arrival_projection[to] = spike_time[sender] + delay[p], p
                arrival_source[to], arrival_row[to] = sender, row_start[p] + spike_slot[sender] - pre_start[p]
                entry -= 1
            else:
                outer -= 1
                arrival_time[to], arrival_projection[to] = arrival_time[outer], arrival_projection[outer]
                arrival_source[to], arrival_row[to] = arrival_source[outer], arrival_row[outer]
        tape.arrival_start[block] = begin
    return a, k
