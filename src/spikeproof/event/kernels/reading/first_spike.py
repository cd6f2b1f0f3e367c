"""The first-spike cross-entropy, straight from the tape: see `losses.FirstSpikeCrossEntropy`."""

from __future__ import annotations

import math

from spikeproof.compiled import bare_kernel, inner
from spikeproof.event.kernels.core.tape import DONE

SILENT, OVERFLOW = 1, 2
LARGEST = 709.782712893384  # exp overflows beyond


@bare_kernel
def first_spike_cross_entropy(
    start, stop, spike_time, spike_slot, c, n_components, slot, labels, tau0, tau1, alpha, silent, refused, scale,
    work, values, d_spike,
):  # fmt: skip
    """Add the loss of each sample to `values`, and `scale` times its derivatives to `d_spike`.

    `d_spike` goes by the place of the spike, `labels` and `values` by the sample of the tape. The neurons are those of
    component `c` from `slot` on. One that never spikes counts as a spike at `silent`, or is `refused`. Rows of `work`,
    shape (3, size): first spike times, places and slopes. Returns (DONE, 0, 0), (SILENT, sample, neuron) or
    (OVERFLOW, sample, 0).
    """
    time, place, slope = work[0], work[1], work[2]
    size = len(time)
    for s in range(len(labels)):
        block = s * n_components + c
        for n in range(size):
            time[n], place[n] = silent, -1.0
        for k in range(stop[block] - 1, start[block] - 1, -1):  # the first one is written last
            n = spike_slot[k] - slot
            if 0 <= n < size:
                time[n], place[n] = spike_time[k], k
        for n in range(size if refused else 0):
            if place[n] < 0.0:
                return SILENT, s, n
        label = labels[s]
        if time[label] == math.inf:
            continue
        value = _terms(time, label, tau0, tau1, alpha, slope)
        sound = abs(value) < math.inf
        for n in range(size):
            sound = sound and abs(slope[n]) < math.inf
            if place[n] >= 0.0:
                d_spike[int(place[n])] += scale * slope[n]
        if not sound:
            return OVERFLOW, s, 0
        values[s] += value
    return DONE, 0, 0


@inner
def _terms(time, label, tau0, tau1, alpha, slope):
    """The loss of a sample; sets its derivative with respect to each first spike time.

    The label's slope is minus the sum of the others: no cancellation where the label is certain.
    """
    first = time[0]
    for n in range(len(time)):
        first = min(first, time[n])
    total, others = 0.0, 0.0
    for n in range(len(time)):
        weight = math.exp((first - time[n]) / tau0)
        slope[n], total = weight, total + weight
        others += weight if n != label else 0.0
    for n in range(len(time)):
        slope[n] = -(slope[n] if n != label else -others) / total / tau0
    behind = (time[label] - first) / tau0
    value = math.log1p(others) if behind == 0.0 else math.log(total) + behind
    if alpha != 0.0:
        late = time[label] / tau1
        if late > LARGEST:
            return math.inf
        value += alpha * math.expm1(late)
        slope[label] += alpha / tau1 * math.exp(late)
    return value
