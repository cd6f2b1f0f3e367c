"""Results of the passes as a `Solution` holds them: object arrays of mpmath numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.problem import Problem
from spikeproof.solution import Gradients
from spikeproof.spikes import Spikes
from spikeproof_reference.adjoint import Totals
from spikeproof_reference.losses import Sample, evaluated
from spikeproof_reference.tape import Tape


def loss_of(problem: Problem, tape: Tape) -> tuple[Any, list[Any]]:
    """Loss of one sample, and dl_p/dt of each spike on its tape."""
    loss, model = problem.loss, tape.model
    if loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    trains, index = tape.trains(problem.network.neurons(loss.population))
    value, slopes = evaluated(loss, Sample(model.ctx, tape.sample, trains, model.rounded(model.duration)))
    d_spike = [model.ctx.zero] * len(tape.spikes)
    for positions, parts in zip(index, slopes, strict=True):
        for position, part in zip(positions, parts, strict=True):
            d_spike[position] = model.rounded(part)
    return model.rounded(value), d_spike


def spikes_of(tapes: list[Tape]) -> Spikes:
    """All spikes, sample by sample in the order in which they happened."""
    found = [(spike, tape.model.neurons[spike.neuron].tau_mem) for tape in tapes for spike in tape.spikes]
    return Spikes(
        times=as_array([spike.time for spike, _ in found]),
        neurons=np.array([spike.neuron for spike, _ in found], dtype=np.int64),
        offsets=np.cumsum([0, *(len(tape.spikes) for tape in tapes)]),
        vdot=as_array([spike.slope / tau_mem for spike, tau_mem in found]),
    )


def mean_gradients(problem: Problem, totals: Totals) -> Gradients:
    """Gradients of the mean over the batch, from their sums over samples."""
    n = problem.stimulus.n_samples
    weights = {
        p.name: as_array([x / n for row in part for x in row], problem.network.shape(p))
        for p, part in zip(problem.network.projections, totals.weights, strict=True)
    }
    return Gradients(weights, as_array([x / n for x in totals.input_times]))


def as_array(numbers: list[Any], shape: tuple[int, ...] = (-1,)) -> Any:
    """An object array of `numbers`."""
    result = np.empty(len(numbers), dtype=object)
    result[:] = numbers
    return result.reshape(shape)
