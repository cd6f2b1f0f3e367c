"""spikeproof's event engine, one thread, which follows each sample until its loss is determined."""

from __future__ import annotations

from engines.event import EXACT as EXACT
from engines.event import VERSION as VERSION
from engines.event import Step
from work import Answer, Work

NAME = "event, until the loss"
WORKLOADS = ("w1", "w2", "w3")


class StepUntilTheLoss(Step):
    """A step that stops early; its answer, whose spikes are judged, is that of a run to the end."""

    def __init__(self, work: Work) -> None:
        super().__init__(work, until="loss")
        self.whole = Step(work)

    def answer(self) -> Answer:
        spikes, solution = self.whole.answer(), self.engine.solve(self.problem, gradients="weights")
        gradients = {} if solution.gradients is None else dict(solution.gradients.weights)
        return Answer(spikes.times, spikes.neurons, spikes.samples, solution.loss, gradients)


def prepare(work: Work) -> Step:
    return StepUntilTheLoss(work)
