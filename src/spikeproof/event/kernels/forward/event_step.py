"""Neurons that act on each other, taken through one event: the flow up to it, what arrives, and who may cross next.

Loops: samples for the coefficients of a run of neurons, neurons for the step. A neuron's V and I in the states are
those just after the last event of its sample. The caller owns all arrays; written are the flow, the states, and the
flags of neurons that may cross in the interval after the event.
"""

from __future__ import annotations

from spikeproof.compiled import inlined, inner
from spikeproof.dynamics.crossing import peak_time
from spikeproof.dynamics.elementary import exp
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.forward.lockstep_state import (
    E_MEM,
    E_SYN,
    GAIN,
    MAX_GAIN,
    NEXT_GAIN,
    NEXT_MEM,
    NOW,
    ROW,
    UNTIL,
    I,
    V,
)


@inner
def fill_flow(flow, first, clock, until, tau_mem, tau_syn):
    """Write the flow of a run in each sample from NOW to row `until` of the clock, to rows `first` on."""
    begin, end = clock[NOW], clock[until]
    e_mem, e_syn, gain = flow[first], flow[first + 1], flow[first + 2]
    for b in range(len(begin)):
        e_mem[b], e_syn[b], gain[b] = propagator(end[b] - begin[b], tau_mem, tau_syn)


@inner
def fill_max_gain(flow, clock, tau_mem, tau_syn):
    """Write MAX_GAIN, once the flow up to UNTIL is known."""
    t_peak = peak_time(0.0, 1.0, tau_mem, tau_syn)
    highest = exp(-t_peak / tau_syn)
    for b in range(clock.shape[1]):
        flow[MAX_GAIN, b] = flow[NEXT_GAIN, b] if clock[UNTIL, b] - clock[NOW, b] < t_peak else highest


@inlined
def upper_bound(v, i, e_mem, max_gain):
    """No potential of the interval is higher, if V starts below its threshold.

    V(t) = v e_mem(t) + i k(t) with k(t) <= max_gain and k(t) <= 1 - e_mem(t)::

        V(t) <= max(v e_mem, v (1 - max_gain)) + max(i, 0) max_gain
    """
    return max(v * e_mem, v * (1.0 - max_gain)) + max(i, 0.0) * max_gain


@inlined
def upper_bound_positive(v, i, max_gain):
    """The upper bound for positive thresholds, with less work: without a positive current V does not reach them."""
    return max(v, 0.0) * (1.0 - max_gain) + i * max_gain


@inner
def step_through_event(states, lane, n, rows, w, threshold, slot, positive, flow, b, flags, f):
    """Take the `n` neurons of a run in sample `b`, from `lane` and `slot` on, through its event.

    The `n` numbers of `rows` from `w` on arrive. Who may cross in the interval after the event is flagged, from `f` on.
    Thresholds are `deflated`, all of them `positive` or not. The loops stand where slices are made: to
    pass these on, one would have to count who refers to them.
    """
    v, i, row = states[V, lane : lane + n], states[I, lane : lane + n], rows[w : w + n]
    v_th, flagged = threshold[slot : slot + n], flags[f : f + n]
    e_mem, e_syn, gain = flow[E_MEM, b], flow[E_SYN, b], flow[GAIN, b]
    next_mem, max_gain = flow[NEXT_MEM, b], flow[MAX_GAIN, b]
    if positive:
        for s in range(n):
            v_now, i_now = advance(v[s], i[s], e_mem, e_syn, gain)
            i_now += row[s]
            v[s], i[s] = v_now, i_now
            flagged[s] = upper_bound_positive(v_now, i_now, max_gain) >= v_th[s]
    else:
        for s in range(n):
            v_now, i_now = advance(v[s], i[s], e_mem, e_syn, gain)
            i_now += row[s]
            v[s], i[s] = v_now, i_now
            flagged[s] = upper_bound(v_now, i_now, next_mem, max_gain) >= v_th[s]


@inner
def clear_arrived(states, lane, n):
    """Forget what has been summed for `n` neurons, once it has arrived."""
    row = states[ROW, lane : lane + n]
    for s in range(n):
        row[s] = 0.0
