"""Steps that all forward passes share: neurons with the same time constants through one interval, and arrivals.

Loop: neurons, or samples of one neuron, side by side. `states` holds two states, V and I each: the one from row
`source` on is where all stand at the start of the interval, the other one receives where they are at its end if none
spikes. The caller owns all arrays.
"""

from __future__ import annotations

from spikeproof.compiled import inner
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.scratch import BEGIN, E_MEM, E_SYN, END, GAIN, STATE_I, STATE_V
from spikeproof.event.kernels.forward.crossings import may_cross


@inner
def step(states, source, lane, n, v_th, slot, syn_fraction, e_mem, e_syn, gain, flags):
    """Advance `n` neurons by one interval; returns how many may spike on the way, and flags them.

    The loop stands where its slices are made: to pass them on, one would have to count who refers to them, which costs
    as much as the step.
    """
    after, stop = 2 - source, lane + n
    v, i = states[source + STATE_V, lane:stop], states[source + STATE_I, lane:stop]
    v_next, i_next = states[after + STATE_V, lane:stop], states[after + STATE_I, lane:stop]
    threshold, found = v_th[slot : slot + n], 0
    for s in range(n):
        v_next[s], i_next[s] = advance(v[s], i[s], e_mem, e_syn, gain)
        flags[s] = may_cross(v[s], i[s], v_next[s], i_next[s], threshold[s], syn_fraction)
        found += flags[s]
    return found


@inner
def step_samples(states, source, lane, n, v_th, syn_fraction, e_mem, e_syn, gain, flags):
    """Take one neuron through its interval in each of `n` samples, whose intervals differ."""
    after, stop = 2 - source, lane + n
    v, i = states[source + STATE_V, lane:stop], states[source + STATE_I, lane:stop]
    v_next, i_next = states[after + STATE_V, lane:stop], states[after + STATE_I, lane:stop]
    found = 0
    for b in range(n):
        v_next[b], i_next[b] = advance(v[b], i[b], e_mem[b], e_syn[b], gain[b])
        flags[b] = may_cross(v[b], i[b], v_next[b], i_next[b], v_th, syn_fraction)
        found += flags[b]
    return found


@inner
def flag_held(held, lane, begin, n, flags):
    """Flag those of `n` neurons, from `lane` on, that are held at `begin`; returns how many are flagged.

    `begin` is one time for all, or one for each.
    """
    until, found, one = held.until[lane : lane + n], 0, len(begin) == 1
    for s in range(n):
        flags[s] |= until[s] >= begin[0 if one else s]
        found += flags[s]
    return found


@inner
def flagged(flags, words, n, out):
    """Write the numbers of the flagged ones of `n` to `out`, in order.

    `words` are the flags, eight at a time; where there are some, all eight are looked at without a branch, which would
    often be guessed wrong.
    """
    found = 0
    for w in range((n + 7) // 8):
        if words[w] != 0:
            for s in range(8 * w, min(8 * w + 8, n)):
                out[found] = s
                found += flags[s]


@inner
def add(states, row, lane, weights, w, n):
    """Add `n` weights from `w` on to the currents in this row of the states, from `lane` on."""
    i, rising = states[row, lane : lane + n], weights[w : w + n]
    for m in range(n):
        i[m] += rising[m]


@inner
def propagators(interval, tau_mem, tau_syn, n):
    """The coefficients of `advance` over the intervals of `n` samples."""
    begin, end, e_mem, e_syn, gain = interval[BEGIN], interval[END], interval[E_MEM], interval[E_SYN], interval[GAIN]
    for b in range(n):
        e_mem[b], e_syn[b], gain[b] = propagator(end[b] - begin[b], tau_mem, tau_syn)
