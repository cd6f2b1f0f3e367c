"""The plan of a benchmark run: workloads, engines, rounds and seconds."""

from __future__ import annotations

import os
from dataclasses import dataclass

from spikeproof.errors import InvalidInput
from spikeproof.numbers import integer, positive
from spikeproof_reports.bench.suite import Suite

EXTRAS = ("scaling", "startup")


@dataclass(frozen=True)
class BenchPlan:
    """The workloads and engines to be measured, and for how long.

    Parameters
    ----------
    workloads : names of workloads and of `EXTRAS`.
    engines : names of adapter files.
    rounds : how often each engine has its turn.
    seconds : of a turn; an engine makes at least one step in it.
    cores : processors; engines of one core run on the first.

    Raises
    ------
    InvalidInput
        If no processor is named, or one twice, or a number is outside its range.
    """

    workloads: tuple[str, ...]
    engines: tuple[str, ...]
    rounds: int = 5
    seconds: float = 0.5
    cores: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        integer("--rounds", self.rounds, low=1)
        positive("--seconds", self.seconds)
        if not self.cores or len(set(self.cores)) < len(self.cores) or min(self.cores) < 0:
            raise InvalidInput("--cores", self.cores, "numbers of processors, none twice")


def chosen(suite: Suite, workloads: tuple[str, ...], engines: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Names of the workloads and engines asked for; all if none is named.

    The calibration, by which runs are compared, always takes part.

    Raises
    ------
    InvalidInput
        If a name is unknown.
    """
    known = (*suite.workloads, *EXTRAS), tuple(e.key for e in suite.engines)
    for field, given, allowed in zip(("--workloads", "--engines"), (workloads, engines), known, strict=True):
        for name in given:
            if name not in allowed:
                raise InvalidInput(field, name, f"one of {', '.join(allowed)}")
    always = tuple(e.key for e in suite.engines if not e.judged)
    picked = tuple(dict.fromkeys((*engines, *always))) if engines else known[1]
    return workloads or known[0], picked


def allowed_cores() -> tuple[int, ...]:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))
