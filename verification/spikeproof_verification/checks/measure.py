"""Measurements of one solution against a reference: counts, spike times, loss, gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeAlias

import numpy as np

from spikeproof import Gradients, Network, Solution, Spikes
from spikeproof.network import neuron_name
from spikeproof.numbers import IntArray
from spikeproof_reference import RoundingSensitivity
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import END_STATE, GRADIENT, LOSS, SPIKE_COUNT, SPIKE_TIME

Parts: TypeAlias = Mapping[str, Any]  # arrays by projection name


def measure(
    subject: Subject, actual: Solution, expected: Solution, conditioning: RoundingSensitivity
) -> list[Measurement]:
    """All measurements of a solution against a reference solution of the same problem.

    Parameters
    ----------
    subject : Subject
    actual, expected : Solution
        Of the engine and of the reference.
    conditioning : RoundingSensitivity
        Of the problem, see `rounding_sensitivity`.

    Returns
    -------
    list of Measurement
        Spike counts, spike times, end states, loss and gradients.
    """
    found = [*measure_counts(subject, actual, expected), *measure_times(subject, actual, expected, conditioning)]
    found += measure_end(subject, actual, expected, conditioning)
    if expected.loss is not None:
        found += [_measure_loss(subject, actual, expected, conditioning)]
        found += measure_gradients(subject, actual, expected, conditioning)
    return found


def measure_counts(subject: Subject, actual: Solution, expected: Solution) -> Iterator[Measurement]:
    """Number of spikes of every neuron in every sample."""
    network = expected.problem.network
    a, b = _counts(actual.spikes, network), _counts(expected.spikes, network)
    for sample, neuron in np.ndindex(b.shape):
        component = f"sample {sample}, {neuron_name(network, neuron)}"
        got, wanted = int(a[sample, neuron]), int(b[sample, neuron])
        yield judge(subject, "spike_count", component, got, wanted, 1.0, SPIKE_COUNT)


def measure_times(
    subject: Subject, actual: Solution, expected: Solution, conditioning: RoundingSensitivity
) -> Iterator[Measurement]:
    """Spike k of a neuron against spike k of the reference, for neurons whose numbers of spikes agree."""
    network = expected.problem.network
    mine = spikes_by_neuron(actual.spikes)
    for (sample, neuron), theirs in spikes_by_neuron(expected.spikes).items():
        ours = mine.get((sample, neuron), [])
        if len(ours) != len(theirs):
            continue  # the count has failed already
        for rank, (k, j) in enumerate(zip(ours, theirs, strict=True)):
            time, vdot = expected.spikes.times[j], float(expected.spikes.vdot[j])
            scale = float(time) + 1.0 / vdot + float(conditioning.spike_times[j])
            component = f"sample {sample}, {neuron_name(network, neuron)}, spike {rank}"
            got = actual.spikes.times[k]
            yield judge(subject, "spike_time", component, got, time, scale, SPIKE_TIME, vdot)


def measure_end(
    subject: Subject, actual: Solution, expected: Solution, conditioning: RoundingSensitivity
) -> Iterator[Measurement]:
    """V and I of every neuron at the end of every sample."""
    network = expected.problem.network
    for name, got, wanted, condition in (
        ("V", actual.v_end, expected.v_end, conditioning.v_end),
        ("I", actual.i_end, expected.i_end, conditioning.i_end),
    ):
        for sample, neuron in np.ndindex(wanted.shape):
            component = f"sample {sample}, {neuron_name(network, neuron)}, {name} at the end"
            scale = abs(float(wanted[sample, neuron])) + float(condition[sample, neuron])
            yield judge(subject, "end_state", component, got[sample, neuron], wanted[sample, neuron], scale, END_STATE)


def measure_gradients(
    subject: Subject, actual: Solution, expected: Solution, conditioning: RoundingSensitivity
) -> Iterator[Measurement]:
    """Every entry of every weight gradient, and the gradient of every input spike time."""
    assert expected.gradients is not None
    if actual.gradients is None:
        yield judge(subject, "weight_gradient", "all: no gradient returned", np.nan, 0.0, 0.0, GRADIENT)
        return
    network, theirs = expected.problem.network, expected.gradients.weights
    yield from _measure_synapses(
        subject, "weight_gradient", network, actual.gradients.weights, theirs, conditioning.weights
    )
    if actual.gradients.delays is not None and expected.gradients.delays is not None:
        ours, theirs = actual.gradients.delays, expected.gradients.delays
        yield from _measure_synapses(subject, "delay_gradient", network, ours, theirs, conditioning.delays)
    yield from _measure_neurons(subject, actual.gradients, expected.gradients, conditioning)
    pairs = zip(actual.gradients.input_times, expected.gradients.input_times, conditioning.input_times, strict=True)
    for k, (got, wanted, condition) in enumerate(pairs):
        scale = abs(float(wanted)) + float(condition)
        yield judge(subject, "input_time_gradient", f"input spike {k}", got, wanted, scale, GRADIENT)


def _measure_synapses(
    subject: Subject, quantity: str, network: Network, actual: Parts, expected: Parts, conditioning: Parts
) -> Iterator[Measurement]:
    """One derivative of every synapse of every projection."""
    for p in network.projections:
        got, wanted, condition = (parts[p.name] for parts in (actual, expected, conditioning))
        if got.shape != wanted.shape:
            yield judge(subject, quantity, f"{p.name}: shape {got.shape}", np.nan, 0.0, 0.0, GRADIENT)
            continue
        numbers = zip(network.pairs(p), got.ravel(), wanted.ravel(), condition.ravel(), strict=True)
        for (i, j), a, b, c in numbers:
            yield judge(subject, quantity, f"{p.name}[{i}, {j}]", a, b, abs(float(b)) + float(c), GRADIENT)


def _measure_neurons(
    subject: Subject, actual: Gradients, expected: Gradients, conditioning: RoundingSensitivity
) -> Iterator[Measurement]:
    """The derivative of every parameter of every neuron, for engines that return it."""
    if actual.neurons is None or expected.neurons is None:
        return
    for population, theirs in expected.neurons.items():
        for parameter in (f.name for f in fields(theirs)):
            wanted = getattr(theirs, parameter)
            if wanted is None:
                continue
            got = getattr(actual.neurons[population], parameter)
            condition = getattr(conditioning.neurons[population], parameter)
            for n, value in enumerate(wanted):
                scale, component = abs(float(value)) + float(condition[n]), f"{population}[{n}].{parameter}"
                yield judge(subject, f"{parameter}_gradient", component, got[n], value, scale, GRADIENT)


def spikes_by_neuron(spikes: Spikes) -> dict[tuple[int, int], list[int]]:
    """Indices of the spikes of each (sample, neuron), in the order of time."""
    samples, found = spikes.samples(), dict[tuple[int, int], list[int]]()
    for k in range(len(spikes)):
        found.setdefault((int(samples[k]), int(spikes.neurons[k])), []).append(k)
    return found


def _counts(spikes: Spikes, network: Network) -> IntArray:
    counts = np.zeros((spikes.n_samples, network.n_neurons), dtype=np.int64)
    np.add.at(counts, (spikes.samples(), spikes.neurons), 1)
    return counts


def _measure_loss(
    subject: Subject, actual: Solution, expected: Solution, conditioning: RoundingSensitivity
) -> Measurement:
    got = np.nan if actual.loss is None else actual.loss
    assert expected.loss is not None
    scale = abs(float(expected.loss)) + conditioning.loss
    return judge(subject, "loss", "mean over the batch", got, expected.loss, scale, LOSS)
