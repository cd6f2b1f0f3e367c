"""The first-spike cross-entropy, straight from the tape: see `losses.FirstSpikeCrossEntropy`.

Loops: samples; the spikes of the block, last one first, so that the first one of each neuron is what stays; neurons.
The caller owns all arrays: read are the tape and the labels, added to are the values and the derivatives of spikes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from spikeproof.compiled import bare_kernel, inner
from spikeproof.event.kernels.core.tape import DONE

SILENT, OVERFLOW = 1, 2
LARGEST = 709.782712893384  # exp overflows beyond


TIME, PLACE, SLOPE = range(3)  # rows of the working memory


class Form(NamedTuple):
    """The constants of the loss, as `losses.FirstSpikeCrossEntropy` has them, and its weight in the sum."""

    tau0: float
    tau1: float
    alpha: float
    silent: float  # the time that counts for a neuron that never spikes, unless it is
    refused: bool
    scale: float  # of the derivatives


@bare_kernel
def first_spike_cross_entropy(tape, c, n_components, slot, labels, form, work, values, d_spike):
    """Add the loss of each sample to `values`, and its scaled derivatives to `d_spike`.

    `d_spike` goes by the place of the spike, `labels` and `values` by the sample of the tape. The neurons are those of
    component `c` from `slot` on. Rows of `work`, shape (3, size): first spike times, places and slopes. Returns
    (DONE, 0, 0), (SILENT, sample, neuron) or (OVERFLOW, sample, 0).
    """
    start, stop, spike_time, spike_slot = tape.spike_start, tape.spike_stop, tape.spike_time, tape.spike_slot
    time, place, slope = work[TIME], work[PLACE], work[SLOPE]
    size = len(time)
    for s in range(len(labels)):
        block = s * n_components + c
        for n in range(size):
            time[n], place[n] = form.silent, -1.0
        for k in range(stop[block] - 1, start[block] - 1, -1):  # the first one is written last
            n = spike_slot[k] - slot
            if 0 <= n < size:
                time[n], place[n] = spike_time[k], k
        for n in range(size if form.refused else 0):
            if place[n] < 0.0:
                return SILENT, s, n
        label = labels[s]
        if time[label] == math.inf:
            continue
        value = _terms(time, label, form, slope)
        sound = abs(value) < math.inf
        for n in range(size):
            sound = sound and abs(slope[n]) < math.inf
            if place[n] >= 0.0:
                d_spike[int(place[n])] += form.scale * slope[n]
        if not sound:
            return OVERFLOW, s, 0
        values[s] += value
    return DONE, 0, 0


@inner
def _terms(time, label, form, slope):
    """The loss of a sample; sets its derivative with respect to each first spike time.

    The label's slope is minus the sum of the others: no cancellation where the label is certain.
    """
    tau0, tau1, alpha, first = form.tau0, form.tau1, form.alpha, time[0]
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
