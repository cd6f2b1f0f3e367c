"""spikeproof's event engine, two threads on two cores."""

from __future__ import annotations

from engines.event import EXACT as EXACT
from engines.event import VERSION as VERSION
from engines.event import Step
from work import Work

NAME = "event, 2 threads"
CORES = 2
WORKLOADS = ("w1", "w2", "w3")


def prepare(work: Work) -> Step:
    return Step(work, threads=2)
