"""Forward pass of a large component whose neurons act on each other after delays, through sparse projections.

Within a *slice*, as long as the shortest delay, neurons cannot act on each other: what arrives in it was sent before
it. So they are taken through it as in `sparse`, each with its own arrivals, whereas `recurrent` takes all of them
through each event.

Loops: samples; slices; arrivals of a slice, those from outside and of the component's own spikes, in the order of
time. Between slices each neuron stands at its last event. The queue holds the spikes of the sample so far, in order,
the log its internal arrivals, and arrays that are made here all of its arrivals. The tape is the caller's and grows by
a sample.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, kernel, once
from spikeproof.event.kernels.core.arrivals import merge_arrivals
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL, TAPE_FULL
from spikeproof.event.kernels.forward.lockstep_state import PLACE, PROJECTION, SENDER, members_of
from spikeproof.event.kernels.forward.record import n_events, sort_spikes
from spikeproof.event.kernels.forward.recurrent import write_samples
from spikeproof.event.kernels.forward.recurrent_arrivals import row_of, spike_on_its_way
from spikeproof.event.kernels.forward.sparse import add_bias, standing_at_zero, take_to

ARRIVALS, INNER, SPIKES = range(3)  # counts of a sample so far: arrivals, internal ones among them, and spikes


@kernel
def sliced_forward(layout, c, inputs, tape, start, stop, a, k, scratch, limit, held):
    """Run component `c` of samples start .. stop; returns status, where it stopped, and the counts on the tape there.

    The tape holds `a` arrivals and `k` spikes. `held` is None without refractory times. All
    internal projections have delays.
    """
    members, count = members_of(layout, c, 1), np.zeros(3, np.int64)
    for s in range(start, stop):
        end = merge_arrivals(layout, c, inputs, tape, s, s + 1, a)
        if end < 0:
            return TAPE_FULL, s, a, k
        status = _run(layout, c, inputs.duration, tape, s, members, scratch, count, limit, held)
        if status != DONE:
            return status, s, a, k
        if end + count[INNER] > len(tape.arrival_time) or k + count[SPIKES] > len(tape.spike_time):
            return TAPE_FULL, s, a, k
        spikes, inner = count[SPIKES : SPIKES + 1], count[INNER : INNER + 1]
        a, k = write_samples(layout, c, tape, s, 1, scratch.queue, scratch.log, spikes, inner, end, k)
    return DONE, stop, a, k


@once
def _run(layout, c, duration, tape, sample, members, scratch, count, limit, held):
    """A sample of the tape, whose arrivals from outside are there, through all slices; returns the status."""
    lo, size, n_components, queue = members.lo, members.size, layout.component.shape[1] - 1, scratch.queue
    block = sample * n_components + c
    standing = standing_at_zero(layout, c, tape, sample, held)
    allowed = limit - n_events(
        tape.arrival_start, tape.arrival_stop, tape.spike_start, tape.spike_stop, block - c, block
    )
    room = min(len(queue.spike_time), allowed + size)
    most = tape.arrival_stop[block] - tape.arrival_start[block] + len(scratch.log)
    time, projection, row = np.empty(most), np.empty(most, np.int32), np.empty(most, np.int32)
    begin, delays, count[:] = 0.0, layout.delay[members.first_internal : members.stop_internal], 0
    shortest, cursor = np.min(delays), np.zeros((1, len(delays)), np.int64)
    while begin < duration:
        end, n, k = min(begin + shortest, duration), count[ARRIVALS], count[SPIKES]
        border = end if end < duration else np.nextafter(duration, np.inf)  # at the end all that is due arrives
        if not _arrive(layout, tape, block, members, border, cursor, scratch, count, time, projection, row):
            return SCRATCH_FULL
        slice_ = slice(n, count[ARRIVALS])
        status, n_spikes = take_to(
            layout, c, end, (time[slice_], projection[slice_], row[slice_]), standing, scratch, k, room, held
        )
        if status != DONE:
            return LIMIT if status == TAPE_FULL and room < len(queue.spike_time) else SCRATCH_FULL
        _number(queue, k, n_spikes, n, lo, begin)
        count[SPIKES], begin = n_spikes, end
        if count[ARRIVALS] + n_spikes > allowed:
            return LIMIT
    add_bias(layout, c, standing)
    return DONE


@once
def _arrive(layout, tape, block, members, border, cursor, scratch, count, time, projection, row):
    """Append what arrives before `border` to the arrivals; returns whether the log had room.

    Simultaneous arrivals come in the order that `recurrent_arrivals` has.
    """
    queue, log, n, inner, k = scratch.queue, scratch.log, count[ARRIVALS], count[INNER], count[SPIKES]
    outer, stop = tape.arrival_start[block] + n - inner, tape.arrival_stop[block]
    while True:
        p, sender, due = spike_on_its_way(layout, members, cursor, queue, 0, k, 0)
        if outer < stop and tape.arrival_time[outer] <= due:
            p, sender, due = tape.arrival_projection[outer], -1, tape.arrival_time[outer]
        if due >= border:
            count[ARRIVALS], count[INNER] = n, inner
            return True
        if sender < 0:
            row[n], outer = tape.arrival_row[outer], outer + 1
        elif inner >= len(log):
            return False
        else:
            row[n] = row_of(layout, p, queue.spike_lane[sender])
            log[inner, PROJECTION], log[inner, SENDER], log[inner, PLACE] = p, sender, n
            cursor[0, p - members.first_internal] += 1
            inner += 1
        time[n], projection[n], n = due, p, n + 1


@inner
def _number(queue, first, stop, n, lo, begin):
    """Spikes first .. stop, placed between the arrivals of their slice: counted from the sample's, slots for neurons.

    They are left in the order of time, and of slots. A crossing that rounding puts before the slice, in which it was
    not found, is where the slice begins.
    """
    for q in range(first, stop):
        queue.spike_time[q] = max(queue.spike_time[q], begin)
        queue.spike_after[q], queue.spike_lane[q] = queue.spike_after[q] + n, queue.spike_lane[q] + lo
    sort_spikes(
        queue.spike_time, queue.spike_lane, queue.spike_slope, queue.spike_after, first, stop,
        queue.column[0], queue.column[1], queue.lane, queue.place,
    )  # fmt: skip
