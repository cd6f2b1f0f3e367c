"""The neurons of several samples that may cross next, searched together, and those that do so first.

Loops: flags, eight at a time; queued lanes; lanes that are due. Of the neurons of a sample that may cross up to UNTIL,
those stay queued that may be the first, LATEST being a time up to which one of them certainly crosses; EVENT becomes
the first crossing. The queue's columns are working memory here, its spikes the log, a part for each sample.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.dynamics.crossing import EPS
from spikeproof.dynamics.equations import advance, spike_slope
from spikeproof.event.kernels.core.queue import DT_CROSS, I_NEXT, NOW, UNTIL, V_NEXT, V_TH, I, V
from spikeproof.event.kernels.core.tables import GROUP, MEM, SYN_FRACTION, THRESHOLD
from spikeproof.event.kernels.forward import lockstep_state
from spikeproof.event.kernels.forward.crossings import may_cross
from spikeproof.event.kernels.forward.lockstep_state import (
    ALLOWED,
    ARRIVALS,
    E_MEM,
    E_SYN,
    EVENT,
    FOUND,
    GAIN,
    LATEST,
    LOG_FULL,
    NEXT_GAIN,
    NEXT_MEM,
    NEXT_SYN,
    SPIKES,
)


@inner
def flagged(words, f, n, chosen):
    """Write which of the `n` flags from `f` on are set, in order; returns their number.

    `f` and `n` are multiples of 8, `words` the flags, eight at a time.
    """
    found, n_chosen = 0, 0
    for w in range(f // 8, (f + n) // 8):
        chosen[n + found] = w
        found += words[w] != 0  # a branch would not be foreseeable
    for q in range(n, n + found):
        w = chosen[q]
        word, first = words[w], 8 * w - f
        while word != 0:
            lowest = word & -word  # 2 to the power of 8 times its place
            exponent = (np.float64(lowest).view(np.int64) >> np.int64(52)) - np.int64(1023)
            chosen[n_chosen] = first + (exponent >> np.int64(3))
            n_chosen += 1
            word ^= lowest
    return n_chosen


@once
def queue_candidates(layout, members, lockstep, r, n_chosen, queue, states):
    """Queue those of the flagged neurons of run `r` that may be the first to cross; returns how many.

    Each crosses after V's tangent does and, where V is concave, before its chord.
    """
    column, lanes, chosen, clock, flow = queue.column, queue.lane, lockstep.chosen, lockstep.clock, lockstep.flow
    slot, stride, q = members.runs[r], members.stride[r], 0
    g, v_th = layout.number[GROUP, members.lo + slot], layout.slot[THRESHOLD, members.lo :]
    tau_mem, syn_fraction, per_stride = layout.time[MEM, g], layout.time[SYN_FRACTION, g], 1.0 / stride
    for c in range(n_chosen):
        b = int((chosen[c] + 0.5) * per_stride)
        s = slot + chosen[c] - b * stride
        lane, now, until = b * members.size + s, clock[lockstep_state.NOW, b], clock[lockstep_state.UNTIL, b]
        v, i, threshold = states[lockstep_state.V, lane], states[lockstep_state.I, lane], v_th[s]
        v_next, i_next = advance(v, i, flow[r, NEXT_MEM, b], flow[r, NEXT_SYN, b], flow[r, NEXT_GAIN, b])
        if may_cross(v, i, v_next, i_next, threshold, syn_fraction):
            driven, gap = (threshold > 0.0) & (i > threshold) & (v < threshold), threshold - v
            above = v_next >= threshold
            column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v, i, v_next, i_next
            column[V_TH, q], column[NOW, q], column[UNTIL, q] = threshold, now, until
            column[DT_CROSS, q] = now + (tau_mem * gap / (i - v) if driven else 0.0)
            time = now + (until - now) * (gap / (v_next - v)) if driven & above else (until if above else np.inf)
            clock[LATEST, b] = min(clock[LATEST, b], time)
            lockstep.counts[FOUND, b] += 1
            lanes[q] = lane
            q += 1
    return q


@inner
def prune(column, lanes, n, per_size, clock):
    """Keep those of the queued lanes 0 .. n that may be the first to cross in their samples; returns their number."""
    kept = 0
    for q in range(n):
        end = clock[LATEST, int((lanes[q] + 0.5) * per_size)]
        for field in (V, I, V_NEXT, I_NEXT, V_TH, NOW, UNTIL):
            column[field, kept] = column[field, q]
        lanes[kept] = lanes[q]
        kept += column[DT_CROSS, q] <= end + EPS * 64.0 * end
    return kept


@inner
def collect_due(column, lanes, n, per_size, clock, due, due_lane, n_due):
    """Append those of the queued lanes 0 .. n that cross to the due ones; returns the new number of these.

    The event of a sample becomes its first crossing, if that is earlier.
    """
    for q in range(n):
        if column[DT_CROSS, q] >= 0.0:
            time, b = min(column[NOW, q] + column[DT_CROSS, q], column[UNTIL, q]), int((lanes[q] + 0.5) * per_size)
            due[n_due], due_lane[n_due] = time, lanes[q]
            clock[EVENT, b] = min(clock[EVENT, b], time)
            n_due += 1
    return n_due


@once
def emit_spikes(layout, members, lockstep, r, first, n_fired, queue, states):
    """Log the spikes of those of run `r` who are due now, and of those that rounding has put on their threshold.

    Those of the run are due from `first` on. Returns how many have fired.
    """
    clock, count, flow, due_lane = lockstep.clock, lockstep.counts, lockstep.flow, lockstep.due_lane
    time, slots, slope, after = queue.spike_time, queue.spike_lane, queue.spike_slope, queue.spike_after
    v_th, room = layout.slot[THRESHOLD, members.lo :], len(time) // count.shape[1]
    for q in range(first, lockstep.due_stop[r]):
        lane = due_lane[q]
        b = int((lane + 0.5) * members.per_size)
        s = lane - b * members.size
        v, i, now = states[lockstep_state.V, lane], states[lockstep_state.I, lane], clock[EVENT, b]
        v_now, i_now = advance(v, i, flow[r, E_MEM, b], flow[r, E_SYN, b], flow[r, GAIN, b])
        if lockstep.due[q] <= now or v_now >= v_th[s]:
            k = count[SPIKES, b]
            if k < room:
                m = b * room + k
                time[m], slots[m], after[m] = now, members.lo + s, count[ARRIVALS, b]
                slope[m] = spike_slope(i_now, v_th[s])
                count[SPIKES, b] = k + 1
            else:
                count[ALLOWED, b] = LOG_FULL
            lockstep.fired[n_fired], n_fired = lane, n_fired + 1
    return n_fired
