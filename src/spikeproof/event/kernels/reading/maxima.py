"""The largest V of neurons without a threshold, read from the tape: all neurons go from arrival to arrival together."""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.crossing import peak_time
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.synapses import target
from spikeproof.event.kernels.core.tables import GROUP, I_START, MEM, SYN, SYN_FRACTION, V_START
from spikeproof.event.kernels.forward.crossings import VANISHED

AT_START, SMOOTH, KINK = 0, 1, 2  # where a maximum of V lies
ABOVE_ROUNDING = 1.0 + 2.0**-40


@kernel
def maxima(layout, c, lo, hi, duration, tape, n_samples, best, best_time, kind, kink, slope):
    """Largest V - bias of slots lo .. hi of component `c`, the first one if there are several.

    Shapes (samples of the tape, hi - lo). `kink` is the arrival of a kink maximum, numbered in its block, and `slope`
    dV/dt just before it; -1 and 0 elsewhere.
    """
    group = layout.number[GROUP, lo:hi]
    neurons = (group, layout.time[MEM, group], layout.time[SYN, group], layout.time[SYN_FRACTION, group])
    work = np.empty((6, hi - lo))
    _maxima(layout, c, lo, hi, duration, tape, n_samples, neurons, work, best, best_time, kind, kink, slope)


@inner
def _maxima(layout, c, lo, hi, duration, tape, n_samples, neurons, work, best, best_time, kind, kink, slope):
    n_components, size = layout.component.shape[1] - 1, hi - lo
    group, tau_mem, tau_syn, syn_fraction = neurons
    v, i, e_mem, e_syn, k, weight = work[0], work[1], work[2], work[3], work[4], work[5]
    v_init, i_init = layout.slot[V_START, lo:hi], layout.slot[I_START, lo:hi]
    row_offset, weights = layout.row_offset, layout.weights
    arrival_time, arrival_projection, arrival_row = tape.arrival_time, tape.arrival_projection, tape.arrival_row
    for s in range(n_samples):
        now = 0.0
        for n in range(size):
            v[n], i[n] = v_init[n], i_init[n]
            best[s, n], best_time[s, n], kind[s, n], kink[s, n], slope[s, n] = v_init[n], 0.0, AT_START, -1, 0.0
        a0, a1 = tape.arrival_start[s * n_components + c], tape.arrival_stop[s * n_components + c]
        for a in range(a0, a1 + 1):
            end = arrival_time[a] if a < a1 else duration
            for n in range(size):
                weight[n] = 0.0
            if a < a1:
                p, row = arrival_projection[a], arrival_row[a]
                for w in range(row_offset[row], row_offset[row + 1]):
                    n = target(layout, p, row, w) - lo
                    if 0 <= n < size:
                        weight[n] = weights[w]
            for n in range(size):
                if n == 0 or group[n] != group[n - 1]:
                    e_mem[n], e_syn[n], k[n] = propagator(end - now, tau_mem[n], tau_syn[n])
                else:
                    e_mem[n], e_syn[n], k[n] = e_mem[n - 1], e_syn[n - 1], k[n - 1]
                v_end, i_end = advance(v[n], i[n], e_mem[n], e_syn[n], k[n])
                faded = max(e_mem[n], e_syn[n]) < VANISHED
                if i[n] > max(v[n], 0.0) and (i_end <= v_end or faded):  # a peak, whatever is left of it at the end
                    # tau_mem (V_max - v), the integral of I - V, is at most tau_syn (i - V_max) for v >= 0
                    bound = (1.0 - syn_fraction[n]) * max(v[n], 0.0) + syn_fraction[n] * max(i[n], 0.0)
                    if bound * ABOVE_ROUNDING > best[s, n] or best[s, n] <= 0.0:
                        dt, top = end - now, v_end
                        if i_end != v_end or faded:
                            dt = min(dt, peak_time(v[n], i[n], tau_mem[n], tau_syn[n]))
                            to_mem, to_syn, gain = propagator(dt, tau_mem[n], tau_syn[n])
                            top, _ = advance(v[n], i[n], to_mem, to_syn, gain)
                        if top > best[s, n]:
                            best[s, n], best_time[s, n], kind[s, n] = top, now + dt, SMOOTH
                            kink[s, n], slope[s, n] = -1, 0.0
                elif i_end > v_end and v_end >= best[s, n] and (a == a1 or weight[n] != 0.0):
                    best[s, n], best_time[s, n], kind[s, n], kink[s, n] = v_end, end, SMOOTH, -1
                    slope[s, n] = 0.0
                    # unless this arrival turns V a later maximum is higher, or as high; at T none acts any more
                    if a < a1 and end < duration:
                        kind[s, n], kink[s, n], slope[s, n] = KINK, a - a0, (i_end - v_end) / tau_mem[n]
                elif i_end <= v_end and v_end > best[s, n]:  # V has come up to the bias from below
                    best[s, n], best_time[s, n], kind[s, n], kink[s, n] = v_end, end, SMOOTH, -1
                    slope[s, n] = 0.0
                v[n], i[n] = v_end, i_end + weight[n]
            now = end
