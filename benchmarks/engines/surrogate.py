"""spikeproof's surrogate gradient at the time step of the peers with surrogate gradients, 1 ms."""

from __future__ import annotations

from engines.event import VERSION as VERSION
from engines.event import Step
from work import Work

from spikeproof.lesson import EstimatorEngine, SurrogateGradient

NAME = "surrogate, 1 ms"
EXACT = False
WORKLOADS = ("w2",)
DT = 1.0


class SurrogateStep(Step):
    """One training step with the surrogate gradient of the discrete network."""

    differs = "dt 1 ms; surrogate gradient; reset by multiplication"

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.engine = EstimatorEngine(SurrogateGradient(DT))


def prepare(work: Work) -> SurrogateStep:
    return SurrogateStep(work)
