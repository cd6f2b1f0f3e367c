"""Neurons that act on each other, taken through one event: the flow up to it, what arrives, and who may cross next."""

from __future__ import annotations

from numba import njit

from spikeproof.event.kernels.crossings import SAFE
from spikeproof.event.kernels.elementary import exp
from spikeproof.event.kernels.flow import decays_inline, peak_time

E_MEM, E_SYN, GAIN, NEXT_MEM, NEXT_SYN, NEXT_GAIN, REACH = range(7)  # of the flow to the event, and beyond it
N_FLOWS = 7
V, I, ROW = range(3)  # noqa: E741 - rows of the states; ROW is what arrives where it is not one row of weights


@njit(cache=True, error_model="numpy")
def flow_to(flow, begin, end, tau_mem, tau_syn):
    """Write the flow of each sample from `begin` to its event at `end`."""
    _decays(begin, end, tau_mem, tau_syn, flow[E_MEM], flow[E_SYN], flow[GAIN])


@njit(cache=True, error_model="numpy")
def flow_beyond(flow, begin, end, tau_mem, tau_syn):
    """The same for the interval after the event, and the largest gain in it: what a unit of current lifts V by."""
    _decays(begin, end, tau_mem, tau_syn, flow[NEXT_MEM], flow[NEXT_SYN], flow[NEXT_GAIN])
    t_peak = peak_time(0.0, 1.0, tau_mem, tau_syn)
    highest = exp(-t_peak / tau_syn)
    for b in range(len(begin)):
        flow[REACH, b] = flow[NEXT_GAIN, b] if end[b] - begin[b] < t_peak else highest


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
    """No potential of the interval is higher, if V starts below its threshold; for thresholds of any sign.

    V(t) = v e_mem(t) + i k(t) with k(t) <= reach and k(t) <= 1 - e_mem(t)::

        V(t) <= max(v e_mem, v (1 - reach)) + max(i, 0) reach
    """
    return max(v * e_mem, v * (1.0 - reach)) + max(i, 0.0) * reach


@njit(cache=True, error_model="numpy", forceinline=True)
def bound_above_zero(v, i, reach):
    """The same for positive thresholds, with less work: a negative current drives nobody there."""
    return max(v, 0.0) * (1.0 - reach) + i * reach


@njit(cache=True, error_model="numpy")
def passage(states, lane, n, rows, w, th, slot, positive, flow, b, flags, f):
    """Take `n` neurons from `lane` on through the event of sample `b`, and flag who may cross in the interval after it.

    The `n` numbers of `rows` from `w` on arrive. `th`, from `slot` on, holds thresholds that are `certain`, all of them
    `positive` or not.
    """
    v, i, row = states[V, lane : lane + n], states[I, lane : lane + n], rows[w : w + n]
    e_mem, e_syn, gain = flow[E_MEM, b], flow[E_SYN, b], flow[GAIN, b]
    if positive:
        _pass_positive(v, i, row, th[slot : slot + n], e_mem, e_syn, gain, flow[REACH, b], flags[f : f + n])
    else:
        _pass(v, i, row, th[slot : slot + n], e_mem, e_syn, gain, flow[NEXT_MEM, b], flow[REACH, b], flags[f : f + n])


@njit(cache=True, error_model="numpy")
def _pass_positive(v, i, row, th, e_mem, e_syn, gain, reach, flags):
    for s in range(len(v)):
        v_now, i_now = v[s] * e_mem + i[s] * gain, i[s] * e_syn + row[s]
        v[s], i[s] = v_now, i_now
        flags[s] = bound_above_zero(v_now, i_now, reach) >= th[s]


@njit(cache=True, error_model="numpy")
def _pass(v, i, row, th, e_mem, e_syn, gain, next_mem, reach, flags):
    for s in range(len(v)):
        v_now, i_now = v[s] * e_mem + i[s] * gain, i[s] * e_syn + row[s]
        v[s], i[s] = v_now, i_now
        flags[s] = bound(v_now, i_now, next_mem, reach) >= th[s]
