"""Forward pass of a component that sparse projections reach, without internal ones: neurons have their own arrivals.

The n-th intervals of all neurons are taken together. Neurons are put into *lanes*, most arrivals first, so that those
that are still under way are the first ones, and the n-th arrivals lie side by side (jagged diagonals).

Mirrors `backward.sparse`. Loops: samples; runs of neurons with the same time constants; rounds, the n-th round being
the n-th intervals of the run's neurons; lanes. In each round the lanes under way stand just after their arrivals of
the round before; the others have reached the end. The scratch is this pass's: both states by lane, the queue, and the
events, arrivals at single neurons round by round. The tape is the caller's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner, kernel, making_arrays, once
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.arrivals import merge_arrivals
from spikeproof.event.kernels.core.look_ahead import AHEAD, FAR, fetch, fetch_start, fetched_ahead
from spikeproof.event.kernels.core.queue import HOLD, I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V
from spikeproof.event.kernels.core.scratch import NEVER_HELD, STATE_I, STATE_V
from spikeproof.event.kernels.core.tables import (
    BIAS,
    GROUP,
    I_START,
    MEM,
    POST_START,
    RESET,
    RUNS,
    SIZES,
    SLOTS,
    SPARSE,
    SYN,
    SYN_FRACTION,
    T_REF,
    THRESHOLD,
    UNLISTED,
    V_START,
)
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL, TAPE_FULL
from spikeproof.event.kernels.forward.crossings import may_cross
from spikeproof.event.kernels.forward.followed import follow, follow_held
from spikeproof.event.kernels.forward.record import record_spikes, spike_room
from spikeproof.event.kernels.forward.step import flag_held, flagged
from spikeproof.numbers import Float64Array

AFTER = 2  # where the state after an interval starts in the states, that before it starting at 0
NUMBER, WEIGHT = range(2)  # columns of the events at single neurons: number of the arrival, and weight


@kernel
def sparse_layer_forward(layout, c, inputs, tape, start, stop, a, k, scratch, limit, held):
    """Run component `c` of samples start .. stop; returns status, where it stopped, and the counts on the tape there.

    The tape holds `a` arrivals and `k` spikes. `held` is None without refractory times.
    """
    slot, size, n_components = layout.component[SLOTS, c], layout.component[SIZES, c], layout.component.shape[1] - 1
    for s in range(start, stop):
        end = merge_arrivals(layout, c, inputs, tape, s, s + 1, a)
        if end < 0:
            return TAPE_FULL, s, a, k
        room = spike_room(tape, c, n_components, s, 1, size, scratch.queue, limit)
        if room < size:
            return LIMIT, s, a, k
        status, n = _run(layout, c, inputs.duration, tape, s, scratch, room, held)
        if status == TAPE_FULL:
            status = LIMIT if room < len(scratch.queue.spike_time) else SCRATCH_FULL
        if status == DONE:
            status, _, k = record_spikes(slot, size, c, n_components, tape, s, s + 1, scratch.queue, n, False, k, limit)
        if status != DONE:
            return status, s, a, k
        a = end
    return DONE, stop, a, k


class Standing(NamedTuple):
    """States of the neurons of a component, each just after its last event, or at the end of a stretch with spikes."""

    v: Float64Array  # (N,)
    i: Float64Array  # (N,)
    time: Float64Array  # (N,)
    v_end: Float64Array  # (N,) at the end of the stretch that was taken last
    i_end: Float64Array  # (N,)


@making_arrays
def standing_at_zero(layout, c, tape, sample, held):
    """All neurons at t = 0; the ends of stretches are the final states on the tape."""
    lo, hi = layout.component[SLOTS, c], layout.component[SLOTS, c + 1]
    v, i, time = layout.slot[V_START, lo:hi].copy(), layout.slot[I_START, lo:hi].copy(), np.zeros(hi - lo)
    if held is not None:
        held.kept[: hi - lo] = NEVER_HELD
    return Standing(v, i, time, tape.v_end[sample, lo:hi], tape.i_end[sample, lo:hi])


@once
def _run(layout, c, duration, tape, sample, scratch, room, held):
    """A sample of the tape, whose arrivals are there; returns status and the number of spikes in the queue.

    The status is SCRATCH_FULL for more events, TAPE_FULL for more than `room` spikes.
    """
    block = sample * (layout.component.shape[1] - 1) + c
    events = slice(tape.arrival_start[block], tape.arrival_stop[block])
    arrivals = tape.arrival_time[events], tape.arrival_projection[events], tape.arrival_row[events]
    standing = standing_at_zero(layout, c, tape, sample, held)
    status, n_spikes = take_to(layout, c, duration, arrivals, standing, scratch, 0, room, held)
    add_bias(layout, c, standing)
    return status, n_spikes


@inner
def add_bias(layout, c, standing):
    """Count V at the end from 0; in the passes it is counted from the bias."""
    bias = layout.slot[BIAS, layout.component[SLOTS, c] :]
    for s in range(len(standing.v_end)):
        standing.v_end[s] += bias[s]


@making_arrays
def take_to(layout, c, end, arrivals, standing, scratch, n_spikes, room, held):
    """Take all neurons of component `c` through these arrivals, in the order of time, and look for spikes up to `end`.

    The neurons are left where their last events were, since each stop on the way would be a rounding; when they are
    released stands in ``held.kept``. The queue has `n_spikes` spikes before. Returns status and the number of spikes
    in the queue; the status is SCRATCH_FULL for more events, TAPE_FULL for more than `room` spikes. Spikes are placed
    between the arrivals, numbered from 0, with neurons in place of lanes.
    """
    queue, states, events = scratch.queue, scratch.states, scratch.events
    time, projection, row = arrivals
    lo, size = layout.component[SLOTS, c], len(standing.v)
    sparse, unlisted, post_start = layout.projection[SPARSE], layout.projection[UNLISTED], layout.projection[POST_START]
    targets = (sparse, unlisted, layout.target, post_start, layout.row_offset)
    count, first_spike = _count(projection, row, targets, lo, size), n_spikes
    if np.sum(count) > len(events):
        return SCRATCH_FULL, 0
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1] - lo
    lane, slot, first_round, start = _lanes(count, runs)
    _fill(projection, row, targets, layout.weights, lo, lane, runs, first_round, start, events)
    v_th, v_reset = layout.slot[THRESHOLD, lo : lo + size][slot], layout.slot[RESET, lo : lo + size][slot]
    t_ref = layout.slot[T_REF, lo : lo + size][slot]
    if held is not None:
        held.until[:size] = held.kept[:size][slot]
    states[STATE_V, :size], states[STATE_I, :size] = standing.v[slot], standing.i[slot]
    now, until = standing.time[slot], np.empty(size)
    for r in range(len(runs) - 1):
        g = layout.number[GROUP, lo + runs[r]]
        tau_mem, tau_syn, syn_fraction = layout.time[MEM, g], layout.time[SYN, g], layout.time[SYN_FRACTION, g]
        under_way = runs[r + 1] - runs[r]
        for m in range(first_round[r], first_round[r + 1]):
            a, n = start[m], start[m + 1] - start[m]  # arrivals, which the first lanes under way have
            _fly(time, events, a, n, under_way, end, now, until, states, runs[r], tau_mem, tau_syn)
            queued, before_these = _flag(runs[r], under_way, states, v_th, syn_fraction, scratch.flags), n_spikes
            if held is not None:
                queued = flag_held(held, runs[r], now[runs[r] :], under_way, scratch.flags)
            if queued:
                _queue(runs[r], under_way, queued, now, until, states, v_th, v_reset, t_ref, scratch, held)
                before = start[m - 1] if m > first_round[r] else -1  # of each lane, the arrival that it comes from
                for q in range(queued):
                    queue.after[q] = int(events[before + queue.lane[q] - runs[r], NUMBER]) + 1 if before >= 0 else 0
                if held is None:
                    n_spikes = follow(
                        queue, queued, n_spikes, room, states, AFTER, np.inf, tau_mem, tau_syn, syn_fraction
                    )
                else:
                    n_spikes = follow_held(
                        queue, queued, n_spikes, room, states, AFTER, held, np.inf, tau_mem, tau_syn, syn_fraction
                    )
                if n_spikes < 0:
                    return TAPE_FULL, 0
            _deliver(events, a, n, now, until, states, runs[r])
            _stop_at_end(queue.spike_lane, before_these, n_spikes, runs[r] + n, now, end, states)
            under_way = n
    _stand(standing, lane, states, now)
    if held is not None:
        held.kept[:size] = held.until[:size][lane]
    _place(time, slot, queue, first_spike, n_spikes)
    return DONE, n_spikes


@making_arrays
def _count(projection, row, targets, lo, size):
    """Number of arrivals at each neuron."""
    sparse, unlisted, listed, post_start, row_offset = targets
    count, fetched = np.zeros(size, np.int64), fetched_ahead(len(row), len(listed))
    for a in range(len(row)):
        if a < fetched:
            fetch_start(row_offset, row, min(a + FAR, len(row) - 1))
            if sparse[projection[a + AHEAD]]:
                later, shift = row[a + AHEAD], unlisted[projection[a + AHEAD]]
                fetch(listed, row_offset[later] - shift, row_offset[later + 1] - shift)
        p, w, stop = projection[a], row_offset[row[a]], row_offset[row[a] + 1]
        if sparse[p]:
            for n in range(w - unlisted[p], stop - unlisted[p]):
                count[listed[n] - lo] += 1
        else:
            for s in range(post_start[p] - lo, post_start[p] - lo + stop - w):
                count[s] += 1
    return count


@making_arrays
def _lanes(count, runs):
    """Lane of each neuron and neuron of each lane; first round of each run of neurons, and where its arrivals start.

    A round more than there are arrivals leads to the end.
    """
    lane, slot = np.empty(len(count), np.int64), np.empty(len(count), np.int64)
    first_round = np.zeros(len(runs), np.int64)
    for r in range(len(runs) - 1):
        first_round[r + 1] = first_round[r] + np.max(count[runs[r] : runs[r + 1]]) + 1
    start = np.zeros(first_round[len(runs) - 1] + 1, np.int64)
    for r in range(len(runs) - 1):
        place = np.zeros(first_round[r + 1] - first_round[r] + 1, np.int64)
        for s in range(runs[r], runs[r + 1]):
            place[count[s]] += 1
        more = 0  # neurons with more than m arrivals
        for m in range(len(place) - 2, -1, -1):
            start[first_round[r] + m + 1] = more
            place[m], more = more, more + place[m]
        for s in range(runs[r], runs[r + 1]):
            lane[s] = runs[r] + place[count[s]]
            place[count[s]] += 1
            slot[lane[s]] = s
    for m in range(first_round[len(runs) - 1]):
        start[m + 1] += start[m]
    return lane, slot, first_round, start


@making_arrays
def _fill(projection, row, targets, weights, lo, lane, runs, first_round, start, events):
    """Write number and weight of the arrivals round by round, lane by lane."""
    sparse, unlisted, listed, post_start, row_offset = targets
    place = np.empty((len(lane), 2), np.int32)  # of each neuron's next arrival: its round, and its lane in the run
    for r in range(len(runs) - 1):
        for s in range(runs[r], runs[r + 1]):
            place[s, 0], place[s, 1] = first_round[r], lane[s] - runs[r]
    fetched = fetched_ahead(len(row), len(listed))
    for a in range(len(row)):
        if a < fetched:
            fetch_start(row_offset, row, min(a + FAR, len(row) - 1))
            later, shift = row[a + AHEAD], unlisted[projection[a + AHEAD]]
            fetch(weights, row_offset[later], row_offset[later + 1])
            if sparse[projection[a + AHEAD]]:
                fetch(listed, row_offset[later] - shift, row_offset[later + 1] - shift)
        p, w, stop = projection[a], row_offset[row[a]], row_offset[row[a] + 1]
        is_listed, first = sparse[p], w - unlisted[p] if sparse[p] else post_start[p]
        for q in range(stop - w):
            s = (listed[first + q] if is_listed else first + q) - lo
            to = start[place[s, 0]] + place[s, 1]
            place[s, 0] += 1
            events[to, NUMBER], events[to, WEIGHT] = a, weights[w + q]


@inner
def _fly(time, events, a, n, under_way, duration, now, until, states, first, tau_mem, tau_syn):
    """Take the lanes under way to their next arrival, or to the end, without spikes."""
    end, begin = until[first : first + under_way], now[first : first + under_way]
    v, i = states[STATE_V, first : first + under_way], states[STATE_I, first : first + under_way]
    v_next = states[AFTER + STATE_V, first : first + under_way]
    i_next = states[AFTER + STATE_I, first : first + under_way]
    for q in range(n):
        end[q] = time[int(events[a + q, NUMBER])]
    end[n:] = duration
    for q in range(under_way):
        e_mem, e_syn, gain = propagator(end[q] - begin[q], tau_mem, tau_syn)
        v_next[q], i_next[q] = advance(v[q], i[q], e_mem, e_syn, gain)


@inner
def _flag(first, n, states, v_th, syn_fraction, flags):
    """Flag those of `n` lanes that may cross; returns their number."""
    v, i = states[STATE_V, first : first + n], states[STATE_I, first : first + n]
    v_next, i_next = states[AFTER + STATE_V, first : first + n], states[AFTER + STATE_I, first : first + n]
    threshold, found = v_th[first : first + n], 0
    for q in range(n):
        flags[q] = may_cross(v[q], i[q], v_next[q], i_next[q], threshold[q], syn_fraction)
        found += flags[q]
    return found


@inner
def _queue(first, n, found, now, until, states, v_th, v_reset, t_ref, scratch, held):
    """Queue the flagged ones of `n` lanes, of which there are `found`."""
    column, lanes, afters = scratch.queue.column, scratch.queue.lane, scratch.queue.after
    flagged(scratch.flags, scratch.words, n, scratch.chosen)
    for p in range(found):
        q = first + scratch.chosen[p]
        column[V, p], column[I, p] = states[STATE_V, q], states[STATE_I, q]
        column[V_NEXT, p], column[I_NEXT, p] = states[AFTER + STATE_V, q], states[AFTER + STATE_I, q]
        column[NOW, p], column[UNTIL, p], column[V_TH, p], column[V_RESET, p] = now[q], until[q], v_th[q], v_reset[q]
        lanes[p], afters[p] = q, 0
        if held is not None:
            column[HOLD, p] = t_ref[q]


@inner
def _deliver(events, a, n, now, until, states, first):
    """Add the weights that arrive, and make the end of the interval the start of the next one."""
    v, i = states[STATE_V, first : first + n], states[STATE_I, first : first + n]
    v_next, i_next = states[AFTER + STATE_V, first : first + n], states[AFTER + STATE_I, first : first + n]
    begin, end = now[first : first + n], until[first : first + n]
    for q in range(n):
        v[q], begin[q] = v_next[q], end[q]
    for q in range(n):
        i[q] = i_next[q] + events[a + q, WEIGHT]


@inner
def _stop_at_end(spike_lane, first, stop, lane, now, end, states):
    """Let the lanes from `lane` on, on their way to the end, stand there if spikes first .. stop are theirs."""
    for k in range(first, stop):
        q = spike_lane[k]
        if q >= lane:
            states[STATE_V, q], states[STATE_I, q] = states[AFTER + STATE_V, q], states[AFTER + STATE_I, q]
            now[q] = end


@inner
def _stand(standing, lane, states, now):
    """Write where the neurons stand, and their states at the end, from those of their lanes."""
    for s in range(len(lane)):
        q = lane[s]
        standing.v[s], standing.i[s], standing.time[s] = states[STATE_V, q], states[STATE_I, q], now[q]
        standing.v_end[s], standing.i_end[s] = states[AFTER + STATE_V, q], states[AFTER + STATE_I, q]


@making_arrays
def _place(time, slot, queue, first, stop):
    """Put each spike after all arrivals of its sample that came before it in time, not only those of its neuron.

    The spikes first .. stop are left in that order, with neurons in place of lanes.
    """
    spike_time, slope, lane, place = (
        queue.spike_time[first:stop], queue.spike_slope[first:stop], queue.spike_lane[first:stop],
        queue.spike_after[first:stop],
    )  # fmt: skip
    after = np.searchsorted(time, spike_time)
    for q in range(stop - first):
        after[q] = max(place[q], after[q])
    order = np.argsort(after, kind="mergesort")
    place[:], spike_time[:], slope[:], lane[:] = after[order], spike_time[order], slope[order], slot[lane[order]]
