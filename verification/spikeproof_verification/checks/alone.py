"""The check that every sample has the same bits alone, after a silent sample, and within a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from spikeproof import Engine, Problem, Solution, Stimulus
from spikeproof.losses import selected
from spikeproof.numbers import Array
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import SAME_BITS


def measure_alone(subject: Subject, engine: Engine, batch: Solution) -> Iterator[Measurement]:
    """How many numbers of a sample differ between the batch, the sample alone, and a batch with silent samples between.

    Spikes, the state at the end, the loss, and the gradients of the sample's input times are compared. The gradients
    are divided by the number of samples; where this is no power of two the quotient is rounded, and they are left out.
    """
    problem, n = batch.problem, batch.problem.stimulus.n_samples
    for s in range(n if n > 1 else 0):
        yield from _compared(subject, f"sample {s} alone", batch, s, engine.solve(samples_of(problem, [s])), 0)
    spread = engine.solve(samples_of(problem, [k // 2 for k in range(2 * n)], silent=range(0, 2 * n, 2)))
    for s in range(n):
        yield from _compared(subject, f"sample {s} after a silent one", batch, s, spread, 2 * s + 1)


def samples_of(problem: Problem, numbers: Sequence[int], silent: Sequence[int] = ()) -> Problem:
    """The problem of these samples, in this order; samples at the places `silent` lose their input spikes."""
    stimulus, none = problem.stimulus, (np.zeros(0), np.zeros(0, np.int64))
    samples = [none if place in silent else stimulus.sample(s) for place, s in enumerate(numbers)]
    loss = None if problem.loss is None else selected(problem.loss, np.asarray(numbers))
    return replace(problem, stimulus=Stimulus.of_samples(samples, stimulus.duration), loss=loss)


def _compared(
    subject: Subject, name: str, batch: Solution, s: int, other: Solution, place: int
) -> Iterator[Measurement]:
    for (what, ours), (_, theirs) in zip(_numbers(batch, s), _numbers(other, place), strict=True):
        differ = np.count_nonzero(ours != theirs) if ours.shape == theirs.shape else max(ours.size, theirs.size)
        yield judge(subject, "sample_alone", f"{name}, {what}: numbers that differ", differ, 0, 1.0, SAME_BITS)


def _numbers(solution: Solution, s: int) -> Iterator[tuple[str, Array]]:
    """The numbers of a solution that belong to one sample, each kind with its name."""
    spikes, offsets, n = solution.spikes.sample(s), solution.problem.stimulus.offsets, solution.spikes.n_samples
    yield "spikes", np.array([spikes.times, spikes.neurons, spikes.vdot])
    yield "end state", np.array([solution.v_end[s], solution.i_end[s]])
    if solution.sample_losses is not None:
        yield "loss", np.array([solution.sample_losses[s]])
    if solution.gradients is not None and n & (n - 1) == 0:
        yield "input times", n * solution.gradients.input_times[offsets[s] : offsets[s + 1]]
