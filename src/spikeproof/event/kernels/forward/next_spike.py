"""The neurons of several samples that may cross next, searched together, and those that do so first."""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner
from spikeproof.dynamics.crossing import EPS
from spikeproof.dynamics.equations import advance, spike_slope
from spikeproof.event.kernels.core.queue import DT_CROSS, I_NEXT, NOW, UNTIL, V_NEXT, V_TH, I, V
from spikeproof.event.kernels.forward import lockstep_state
from spikeproof.event.kernels.forward.crossings import may_cross
from spikeproof.event.kernels.forward.event_step import E_MEM, E_SYN, GAIN, NEXT_GAIN, NEXT_MEM, NEXT_SYN
from spikeproof.event.kernels.forward.lockstep_state import ALLOWED, ARRIVALS, EVENT, FOUND, LATEST, LOG_FULL, SPIKES


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


@inner
def queue_candidates(
    column, lanes, chosen, n_chosen, stride, size, slot, states, v_th, syn_fraction, tau_mem, flow, r, clock, count
):  # fmt: skip
    """Queue those of the flagged neurons of run `r`, from `slot` on, that may be the first to cross; returns how many.

    Each crosses after V's tangent does and, where V is concave, before its chord.
    """
    per_stride, q = 1.0 / stride, 0
    for c in range(n_chosen):
        b = int((chosen[c] + 0.5) * per_stride)
        s = slot + chosen[c] - b * stride
        lane, now, until, threshold = (
            b * size + s,
            clock[lockstep_state.NOW, b],
            clock[lockstep_state.UNTIL, b],
            v_th[s],
        )
        v, i = states[0, lane], states[1, lane]
        v_next, i_next = advance(v, i, flow[r, NEXT_MEM, b], flow[r, NEXT_SYN, b], flow[r, NEXT_GAIN, b])
        if may_cross(v, i, v_next, i_next, threshold, syn_fraction):
            driven, gap = (threshold > 0.0) & (i > threshold) & (v < threshold), threshold - v
            above = v_next >= threshold
            column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v, i, v_next, i_next
            column[V_TH, q], column[NOW, q], column[UNTIL, q] = threshold, now, until
            column[DT_CROSS, q] = now + (tau_mem * gap / (i - v) if driven else 0.0)
            time = now + (until - now) * (gap / (v_next - v)) if driven & above else (until if above else np.inf)
            clock[LATEST, b] = min(clock[LATEST, b], time)
            count[FOUND, b] += 1
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


@inner
def emit_spikes(
    due, due_lane, first, last, clock, count, flow, r, states, v_th, lo, per_size, room, time, slots, slope, after,
    fired, n_fired,
):  # fmt: skip
    """Log the spikes of those who are due now, and of those that rounding has put on their threshold.

    The log of sample b starts at ``b * room``. Returns how many have fired.
    """
    for q in range(first, last):
        lane = due_lane[q]
        b = int((lane + 0.5) * per_size)
        s = lane - b * len(v_th)
        v, i, now = states[0, lane], states[1, lane], clock[EVENT, b]
        v_now, i_now = advance(v, i, flow[r, E_MEM, b], flow[r, E_SYN, b], flow[r, GAIN, b])
        if due[q] <= now or v_now >= v_th[s]:
            k = count[SPIKES, b]
            if k < room:
                m = b * room + k
                time[m], slots[m], after[m] = now, lo + s, count[ARRIVALS, b]
                slope[m] = spike_slope(i_now, v_th[s])
                count[SPIKES, b] = k + 1
            else:
                count[ALLOWED, b] = LOG_FULL
            fired[n_fired], n_fired = lane, n_fired + 1
    return n_fired
