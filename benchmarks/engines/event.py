"""spikeproof's event engine, one thread."""

from __future__ import annotations

from typing import Literal

import numpy as np
from problem import problem_of
from work import Answer, Work, work_of

import spikeproof
from spikeproof import EventEngine, EventLimitExceeded, GrazingSpike, InvalidInput

NAME = "event"
EXACT = True
VERSION = spikeproof.__version__
LAYERS, LOOPS, T_REF = (1, 2, 3), 3, True
REFUSALS = (GrazingSpike, EventLimitExceeded, InvalidInput)
SUPPORTS = {
    "levels": ["exact64"],
    "features": [
        "several layers", "batch", "recurrence", "readout", "reset", "repeated spikes", "refractory time", "ratio 1",
        "ratio 2", "other ratios",
    ],
    "losses": ["first_spike_cross_entropy", "max_voltage_cross_entropy", "spike_time_sum"],
}  # fmt: skip


class Step:
    """One training step, or one forward pass where there is no loss."""

    dtype, differs = "float64", ""

    def __init__(self, work: Work, threads: int = 1, until: Literal["loss", "end"] = "end") -> None:
        self.engine = EventEngine(threads=threads, until=until)
        self.problem = problem_of(work)
        self.work = work_of(self.problem)  # the problem's own arrays, which it has copied

    def run(self) -> None:
        self.engine.solve(self.problem, gradients="weights")

    def answer(self) -> Answer:
        solution = self.engine.solve(self.problem, gradients="weights")
        spikes = solution.spikes
        gradients = {} if solution.gradients is None else dict(solution.gradients.weights)
        return Answer(spikes.times, spikes.neurons, np.asarray(spikes.samples()), solution.loss, gradients)


def prepare(work: Work) -> Step:
    return Step(work)
