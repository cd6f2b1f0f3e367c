"""Neurons that act on each other, taken through one event: the flow up to it, what arrives, and who may cross next."""

from __future__ import annotations

from numba import njit

from spikeproof.event.kernels.abreast import ARRIVED, EVENT, NOW, ROW, SEVERAL, UNTIL, I, V
from spikeproof.event.kernels.crossings import SAFE
from spikeproof.event.kernels.elementary import exp
from spikeproof.event.kernels.flow import decays_inline, peak_time

# the flow to the event and over the interval after it, in which no unit of current lifts V by more than REACH
E_MEM, E_SYN, GAIN, NEXT_MEM, NEXT_SYN, NEXT_GAIN, REACH = range(7)
N_FLOWS = 7


@njit(cache=True, error_model="numpy")
def flow_to_event(flow, r, clock, tau_mem, tau_syn):
    """Write the flow of run `r` in each sample from where it stands to its event."""
    _decays(clock[NOW], clock[EVENT], tau_mem, tau_syn, flow[r, E_MEM], flow[r, E_SYN], flow[r, GAIN])


@njit(cache=True, error_model="numpy")
def flow_beyond(flow, r, clock, tau_mem, tau_syn):
    """The same for the interval after the event, where the samples stand now."""
    _decays(clock[NOW], clock[UNTIL], tau_mem, tau_syn, flow[r, NEXT_MEM], flow[r, NEXT_SYN], flow[r, NEXT_GAIN])
    t_peak = peak_time(0.0, 1.0, tau_mem, tau_syn)
    highest = exp(-t_peak / tau_syn)
    for b in range(clock.shape[1]):
        flow[r, REACH, b] = flow[r, NEXT_GAIN, b] if clock[UNTIL, b] - clock[NOW, b] < t_peak else highest


@njit(cache=True, error_model="numpy")
def _decays(begin, end, tau_mem, tau_syn, e_mem, e_syn, gain):
    for b in range(len(begin)):
        e_mem[b], e_syn[b], j = decays_inline(end[b] - begin[b], tau_mem, tau_syn)
        gain[b] = j / tau_mem


@njit(cache=True, error_model="numpy")
def certain(v_th):
    """What a bound on V, computed with rounding, does not reach if V does not reach `v_th`."""
    return v_th * SAFE if v_th > 0.0 else v_th / SAFE


@njit(cache=True, error_model="numpy", forceinline=True)
def bound(v, i, e_mem, reach):
    """No potential of the interval is higher, if V starts below its threshold.

    V(t) = v e_mem(t) + i k(t) with k(t) <= reach and k(t) <= 1 - e_mem(t)::

        V(t) <= max(v e_mem, v (1 - reach)) + max(i, 0) reach
    """
    return max(v * e_mem, v * (1.0 - reach)) + max(i, 0.0) * reach


@njit(cache=True, error_model="numpy", forceinline=True)
def bound_above_zero(v, i, reach):
    """The same for positive thresholds, with less work: without a positive current nobody gets there."""
    return max(v, 0.0) * (1.0 - reach) + i * reach


@njit(cache=True, error_model="numpy")
def pass_event(states, size, slot, n, weights, th, positive, flow, r, active, n_active, count, flags, f, stride):
    """Take the `n` neurons of run `r`, from `slot` on, through the events of the active samples.

    Who may cross in the interval after it is flagged; the flags of sample b start at ``f + b * stride``. `th` holds
    thresholds that are `certain`, all of them `positive` or not.
    """
    sums = states[ROW]
    for m in range(n_active):
        b = active[m]
        lane, first, w = b * size + slot, f + b * stride, count[ARRIVED, b]
        if w >= 0:
            _passage(states, lane, n, weights, w + slot, th, slot, positive, flow, r, b, flags, first)
        else:
            _passage(states, lane, n, sums, lane, th, slot, positive, flow, r, b, flags, first)
            if w == SEVERAL:
                _use_up(states, lane, n)


@njit(cache=True, error_model="numpy")
def _passage(states, lane, n, rows, w, th, slot, positive, flow, r, b, flags, f):
    """The same for one sample, where the `n` numbers of `rows` from `w` on arrive.

    The loops stand where the slices are made: to pass these on, one would have to count who refers to them.
    """
    v, i, row = states[V, lane : lane + n], states[I, lane : lane + n], rows[w : w + n]
    threshold, flagged = th[slot : slot + n], flags[f : f + n]
    e_mem, e_syn, gain = flow[r, E_MEM, b], flow[r, E_SYN, b], flow[r, GAIN, b]
    next_mem, reach = flow[r, NEXT_MEM, b], flow[r, REACH, b]
    if positive:
        for s in range(n):
            v_now, i_now = v[s] * e_mem + i[s] * gain, i[s] * e_syn + row[s]
            v[s], i[s] = v_now, i_now
            flagged[s] = bound_above_zero(v_now, i_now, reach) >= threshold[s]
    else:
        for s in range(n):
            v_now, i_now = v[s] * e_mem + i[s] * gain, i[s] * e_syn + row[s]
            v[s], i[s] = v_now, i_now
            flagged[s] = bound(v_now, i_now, next_mem, reach) >= threshold[s]


@njit(cache=True, error_model="numpy")
def _use_up(states, lane, n):
    row = states[ROW, lane : lane + n]
    for s in range(n):
        row[s] = 0.0
