"""spikeproof's grid engine at the time step of the grid peers, 1 ms."""

from __future__ import annotations

from engines.event import VERSION as VERSION
from engines.event import Step
from work import Work

from spikeproof import GridEngine

NAME = "grid, 1 ms"
EXACT = False
WORKLOADS = ("w1", "w2", "w3")
DT = 1.0


class GridStep(Step):
    """One training step of the grid engine."""

    differs = "spikes on a grid"

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.engine = GridEngine(DT)


def prepare(work: Work) -> GridStep:
    return GridStep(work)
