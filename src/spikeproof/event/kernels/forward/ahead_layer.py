"""A component without internal projections, taken from one horizon to the next: the spikes up to it, and no more.

Loops: rounds, in each of which samples enter their next intervals; runs of neurons with the same time constants;
samples; neurons. All that is computed of an interval is what `dense` computes of it, in the same steps.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.queue import I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH
from spikeproof.event.kernels.core.queue import I as QUEUED_I
from spikeproof.event.kernels.core.queue import V as QUEUED_V
from spikeproof.event.kernels.core.tables import (
    GROUP,
    MEM,
    POST_START,
    RESET,
    RUNS,
    SIZES,
    SLOTS,
    SYN,
    SYN_FRACTION,
    THRESHOLD,
)
from spikeproof.event.kernels.core.tape import DONE, SCRATCH_FULL, TAPE_FULL
from spikeproof.event.kernels.forward.ahead_state import (
    AT_BEGIN,
    BEGIN,
    COMPLETE,
    E_MEM,
    E_SYN,
    END,
    GAIN,
    I_END,
    KNOWN,
    NOT_ENTERED,
    OVER,
    SINCE,
    T_WAITING,
    V_END,
    V_WAITING,
    I,
    V,
)
from spikeproof.event.kernels.forward.crossings import may_cross
from spikeproof.event.kernels.forward.followed import earliest, follow_until
from spikeproof.event.kernels.forward.record import sort_spikes
from spikeproof.event.kernels.forward.step import flagged, step

FEW = 16  # neurons that are looked at one by one


@inner
def take_to_horizon(layout, c, duration, horizon, tape, ahead, n_active, room):
    """Take the active samples of component `c` to the horizon, and append their spikes to the tape; returns status.

    Each block of the tape has `room` for so many.
    """
    runs, queue, lanes = layout.run_start[layout.component[RUNS, c] :], ahead.queue, ahead.lanes
    n_runs, n_spikes = layout.component[RUNS, c + 1] - layout.component[RUNS, c], np.int64(0)
    n, entered = n_active, False
    while n > 0:
        for r in range(n_runs):
            slot, size, g = runs[r], runs[r + 1] - runs[r], layout.number[GROUP, runs[r]]
            tau_mem, tau_syn, syn_fraction = layout.time[MEM, g], layout.time[SYN, g], layout.time[SYN_FRACTION, g]
            if entered:
                _fill_flow(c, n, tau_mem, tau_syn, ahead)
            if entered and size <= FEW:
                n_queued = _enter_few(layout, c, slot, size, n, syn_fraction, ahead)
            else:
                if entered:
                    _enter(layout, c, slot, size, n, tau_mem, syn_fraction, ahead)
                n_queued = _queue_due(
                    layout, c, slot, size, ahead.entering if entered else ahead.active, n, horizon, ahead
                )  # fmt: skip
            n_spikes = follow_until(
                queue, n_queued, n_spikes, lanes, V_END, T_WAITING, horizon, tau_mem, tau_syn, syn_fraction
            )  # fmt: skip
            if n_spikes < 0:
                return SCRATCH_FULL
        n, entered = _next_intervals(layout, c, duration, horizon, tape, ahead, n_active), True
    for m in range(n_active):
        b = ahead.active[m]
        end = ahead.clock[END, c, b]
        entered_to = ahead.clock[BEGIN, c, b] if end == NOT_ENTERED else horizon
        ahead.clock[COMPLETE, c, b] = np.inf if end == OVER else entered_to
    return _append(layout, c, tape, ahead, n_spikes, room)


@once
def _lane(layout, c, b, n_samples):
    """The lane of the first neuron of component `c` in sample `b`."""
    return layout.component[SLOTS, c] * n_samples + b * layout.component[SIZES, c]


@once
def _queue_due(layout, c, slot, n, samples, n_samples, horizon, ahead):
    """Queue those of `n` neurons from `slot` on that may spike up to the horizon; returns their number."""
    q, lanes, chosen = 0, ahead.lanes, ahead.chosen
    for m in range(n_samples):
        b = samples[m]
        if ahead.clock[END, c, b] != NOT_ENTERED:
            lane = _lane(layout, c, b, len(ahead.active)) + slot - layout.component[SLOTS, c]
            found = _flag_due(lanes, lane, n, horizon, ahead.flags)
            if found:
                flagged(ahead.flags, ahead.words, n, chosen)
                q = _queue(layout, c, slot, lane, found, b, ahead, q)
    return q


@inner
def _flag_due(lanes, lane, n, horizon, flags):
    """Flag those of `n` neurons whose next spike may be not after the horizon; returns how many."""
    time, found = lanes[T_WAITING, lane : lane + n], 0
    for s in range(n):
        flags[s] = time[s] <= horizon
        found += flags[s]
    return found


@once
def _queue(layout, c, slot, lane, n, b, ahead, q):
    """Queue the `n` chosen neurons of sample `b`, counted from `slot` and `lane` on; returns the new length."""
    column, lanes, begin, end = ahead.queue.column, ahead.lanes, ahead.clock[BEGIN, c, b], ahead.clock[END, c, b]
    for p in range(n):
        s, m = slot + ahead.chosen[p], lane + ahead.chosen[p]
        since = lanes[SINCE, m]
        row = V if since == AT_BEGIN else V_WAITING
        column[QUEUED_V, q], column[QUEUED_I, q] = lanes[row, m], lanes[row + 1, m]
        column[V_NEXT, q], column[I_NEXT, q] = lanes[V_END, m], lanes[I_END, m]
        column[V_TH, q], column[V_RESET, q] = layout.slot[THRESHOLD, s], layout.slot[RESET, s]
        column[NOW, q], column[UNTIL, q] = begin if since == AT_BEGIN else since, end
        ahead.queue.lane[q], ahead.queue.after[q] = m, ahead.done[c, b]
        lanes[T_WAITING, m] = np.inf
        q += 1
    return q


@once
def _fill_flow(c, n, tau_mem, tau_syn, ahead):
    """The coefficients of `advance` over the `n` intervals that are entered."""
    e_mem, e_syn, gain, clock, entering = (
        ahead.flow[E_MEM], ahead.flow[E_SYN], ahead.flow[GAIN], ahead.clock, ahead.entering
    )  # fmt: skip
    for m in range(n):
        gain[m] = clock[END, c, entering[m]] - clock[BEGIN, c, entering[m]]
    for m in range(n):
        e_mem[m], e_syn[m], gain[m] = propagator(gain[m], tau_mem, tau_syn)


@once
def _enter(layout, c, slot, n, n_entering, tau_mem, syn_fraction, ahead):
    """Take `n` neurons from `slot` on to the ends of the intervals that are entered; those that may spike wait."""
    lanes, flow, v_th = ahead.lanes, ahead.flow, layout.slot[THRESHOLD]
    for m in range(n_entering):
        b = ahead.entering[m]
        lane = _lane(layout, c, b, len(ahead.active)) + slot - layout.component[SLOTS, c]
        step(
            lanes, 0, lane, n, v_th, slot, syn_fraction, flow[E_MEM, m], flow[E_SYN, m], flow[GAIN, m], ahead.flags
        )  # fmt: skip
        _let_wait(lanes, lane, n, v_th[slot:], ahead.clock[BEGIN, c, b], tau_mem, ahead.flags)


@inner
def _let_wait(lanes, lane, n, v_th, begin, tau_mem, flags):
    """Let `n` neurons from `lane` on wait at the begin of their interval, if they are flagged."""
    v, i, stop = lanes[V, lane : lane + n], lanes[I, lane : lane + n], lane + n
    since = lanes[SINCE, lane:stop]
    earliest(v, i, v_th, begin, tau_mem, flags, lanes[T_WAITING, lane:stop], n)
    for s in range(n):
        since[s] = AT_BEGIN


@once
def _enter_few(layout, c, slot, n, n_entering, syn_fraction, ahead):
    """`_enter` of a few neurons, of which those that may spike are queued at once; returns their number."""
    lanes, flow, column, clock, q = ahead.lanes, ahead.flow, ahead.queue.column, ahead.clock, 0
    for m in range(n_entering):
        b = ahead.entering[m]
        lane = _lane(layout, c, b, len(ahead.active)) + slot - layout.component[SLOTS, c]
        for s in range(n):
            v, i, v_th = lanes[V, lane + s], lanes[I, lane + s], layout.slot[THRESHOLD, slot + s]
            v_end, i_end = advance(v, i, flow[E_MEM, m], flow[E_SYN, m], flow[GAIN, m])
            lanes[V_END, lane + s], lanes[I_END, lane + s], lanes[T_WAITING, lane + s] = v_end, i_end, np.inf
            if may_cross(v, i, v_end, i_end, v_th, syn_fraction):
                column[QUEUED_V, q], column[QUEUED_I, q], column[V_NEXT, q], column[I_NEXT, q] = v, i, v_end, i_end
                column[V_TH, q], column[V_RESET, q] = v_th, layout.slot[RESET, slot + s]
                column[NOW, q], column[UNTIL, q] = clock[BEGIN, c, b], clock[END, c, b]
                ahead.queue.lane[q], ahead.queue.after[q] = lane + s, ahead.done[c, b]
                q += 1
    return q


@once
def _next_intervals(layout, c, duration, horizon, tape, ahead, n_active):
    """End the intervals that do not go beyond the horizon; returns how many samples enter another one."""
    clock, n, n_components = ahead.clock, 0, layout.component.shape[1] - 1
    for m in range(n_active):
        b = ahead.active[m]
        block, end = b * n_components + c, clock[END, c, b]
        if end != NOT_ENTERED:
            if end > horizon:  # OVER as well
                continue
            a = tape.arrival_start[block] + ahead.done[c, b]
            if a == tape.arrival_stop[block]:
                clock[END, c, b] = OVER
                continue
            _arrive(layout, c, tape.arrival_projection[a], tape.arrival_row[a], b, ahead)
            ahead.done[c, b] += 1
            clock[BEGIN, c, b], clock[END, c, b] = end, NOT_ENTERED
        a = tape.arrival_start[block] + ahead.done[c, b]
        if a < tape.arrival_stop[block]:
            if tape.arrival_time[a] < clock[KNOWN, c, b]:
                clock[END, c, b] = tape.arrival_time[a]
        elif clock[KNOWN, c, b] == np.inf:
            clock[END, c, b] = duration
        if clock[END, c, b] != NOT_ENTERED:
            ahead.entering[n] = b
            n += 1
    return n


@once
def _arrive(layout, c, p, row, b, ahead):
    """The end of the interval becomes the begin of the next one, where a row of weights arrives."""
    lane, size, lanes = _lane(layout, c, b, len(ahead.active)), layout.component[SIZES, c], ahead.lanes
    v, i, v_end, i_end = (
        lanes[V, lane : lane + size], lanes[I, lane : lane + size], lanes[V_END, lane:], lanes[I_END, lane:]
    )  # fmt: skip
    for s in range(size):
        v[s], i[s] = v_end[s], i_end[s]
    w, n = layout.row_offset[row], layout.row_offset[row + 1] - layout.row_offset[row]
    reached, rising = i[layout.projection[POST_START, p] - layout.component[SLOTS, c] :], layout.weights[w : w + n]
    for s in range(n):
        reached[s] += rising[s]


@once
def _append(layout, c, tape, ahead, n_spikes, room):
    """Put the queue's spikes behind those of their samples, in the order of time; returns status."""
    queue, n_components, n_samples = ahead.queue, layout.component.shape[1] - 1, len(ahead.active)
    lo, size, place = layout.component[SLOTS, c], layout.component[SIZES, c], queue.place
    per_size = 1.0 / size
    for b in range(n_samples):
        place[b] = tape.spike_stop[b * n_components + c]
    for q in range(n_spikes):
        lane = queue.spike_lane[q] - lo * n_samples
        b = int((lane + 0.5) * per_size)
        block, k = b * n_components + c, tape.spike_stop[b * n_components + c]
        if k == tape.spike_start[block] + room:
            return TAPE_FULL
        tape.spike_time[k], tape.spike_slope[k], tape.spike_after[k] = (
            queue.spike_time[q], queue.spike_slope[q], queue.spike_after[q]
        )  # fmt: skip
        tape.spike_slot[k] = lo + lane - b * size
        tape.spike_stop[block] = k + 1
    for m in range(ahead.active.shape[0]):
        block = m * n_components + c
        if tape.spike_stop[block] > place[m] + 1:
            sort_spikes(
                tape.spike_time, tape.spike_slot, tape.spike_slope, tape.spike_after, place[m], tape.spike_stop[block],
                queue.spike_time, queue.spike_slope, queue.spike_lane, queue.spike_sample,
            )  # fmt: skip
    return DONE
