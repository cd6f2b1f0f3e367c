"""Losses on a plain record: their values, and what they put on the adjoint.

What is observed of V is computed here, all integrals by quadrature; the loss as a function of what is observed, and its
derivative, are the model's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spikeproof import FirstSpikeCrossEntropy, Problem, Spikes
from spikeproof.losses import Loss, SpikeLoss, VoltageLoss, is_spike_loss, is_voltage_loss, terms_of
from spikeproof.numbers import Array, Float64Array
from spikeproof_verification.faults.plain_model import PlainModel
from spikeproof_verification.faults.plain_observed import Pulled, observed
from spikeproof_verification.faults.plain_record import Record


@dataclass
class Terms:
    """What a loss gives: its values, dl/dt of every spike, and what it puts on the adjoint of each sample."""

    values: Float64Array
    d_spike: Float64Array
    pulled: list[Pulled] = field(default_factory=list)


def evaluated(model: PlainModel, problem: Problem, records: list[Record], spikes: Spikes) -> Terms:
    """The loss of the problem, not yet divided by the number of samples."""
    assert problem.loss is not None
    terms = Terms(np.zeros(len(records)), np.zeros(len(spikes)), [Pulled() for _ in records])
    for factor, whole in terms_of(problem.loss):
        scale, part = float(factor), _changed(model.wrong, problem, whole)
        slope_scale = 1.0 if model.wrong == "factor of a term missing in its derivative" else scale
        if is_spike_loss(part):
            values, slope = part.evaluate(spikes, problem.network.neurons(part.population), model.duration)
            terms.values += scale * values
            terms.d_spike += slope_scale * _spike_slope(model.wrong, part, problem, spikes, slope)
        if is_voltage_loss(part):
            _add_voltage_part(model, problem, records, part, (scale, slope_scale), terms)
    _move_drops(model, spikes, terms)
    return terms


def _add_voltage_part(
    model: PlainModel,
    problem: Problem,
    records: list[Record],
    part: VoltageLoss,
    scales: tuple[float, float],
    terms: Terms,
) -> None:
    neurons = problem.network.neurons(part.population)
    seen = [observed(part.observable, model, record, neurons, s) for s, record in enumerate(records)]
    values, slopes = part.evaluate_voltage(np.array([numbers for numbers, _ in seen]))
    if model.wrong == "softmax without the label" and hasattr(part, "labels") and slopes.ndim == 2:
        slopes = slopes.copy()
        slopes[np.arange(len(records)), part.labels] += 1.0
    terms.values += scales[0] * values
    for sample, (_, pull) in enumerate(seen):
        pull(scales[1] * slopes[sample], terms.pulled[sample])


def _move_drops(model: PlainModel, spikes: Spikes, terms: Terms) -> None:
    """Add l_V^- - l_V^+ to dl/dt of the spikes."""
    if model.wrong != "l_V^- - l_V^+ dropped":
        for offset, pulled in zip(spikes.offsets[:-1], terms.pulled, strict=True):
            for number, drop in pulled.drops:
                terms.d_spike[offset + number] += drop


def _changed(wrong: str, problem: Problem, loss: Any) -> Loss:
    """A term of the loss, or another one if that is the fault."""
    changed: Loss = loss
    if wrong == "wrong label" and hasattr(loss, "labels"):
        size = problem.network.population(loss.population).size
        changed = replace(loss, labels=(loss.labels + 1) % size)
    if wrong == "second term of the first-spike loss missing" and isinstance(loss, FirstSpikeCrossEntropy):
        changed = replace(loss, alpha=0.0)
    return changed


def _spike_slope(wrong: str, part: SpikeLoss, problem: Problem, spikes: Spikes, slope: Array) -> Array:
    if wrong == "sign of dl/dt":
        return -slope
    if wrong == "second term missing in dl/dt" and isinstance(part, FirstSpikeCrossEntropy):
        neurons = problem.network.neurons(part.population)
        return replace(part, alpha=0.0).evaluate(spikes, neurons, problem.stimulus.duration)[1]
    if wrong == "second spike taken for the first":
        slope, samples = slope.copy(), spikes.samples()
        for sample, n in np.ndindex(spikes.n_samples, problem.network.n_neurons):
            of_neuron = np.flatnonzero((samples == sample) & (spikes.neurons == n))[:2]
            slope[of_neuron] = slope[of_neuron[::-1]]
    return slope
