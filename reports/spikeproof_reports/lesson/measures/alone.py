"""Time and peak memory of one estimate, in a process of its own."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

from spikeproof import Problem
from spikeproof.lesson import GradientEstimator
from spikeproof_reports.lesson.rows import Row
from spikeproof_verification.campaign.processes import uninterrupted, worker_pool

UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in which the system counts peak memory
REPEATS = 3

Make = Callable[..., tuple[GradientEstimator, Problem, Problem]]  # the estimator, a small problem, and the measured one


def alone(make: Make, **options: object) -> Row:
    """Seconds and memory of an estimate in a fresh process, in which the small problem has been solved before.

    Parameters
    ----------
    make : callable
        A function of a module; returns estimator, small problem, problem.
    options : its keywords.

    Returns
    -------
    dict
        ``seconds``, processor seconds, the least of `REPEATS`; ``memory``, bytes by which the peak grew over that with
        the problem alone; ``peak``, bytes of the whole process; ``spikes`` of a sample; ``samples``.
    """
    with worker_pool(1) as pool:
        with uninterrupted():
            future = pool.submit(_measured, make, options)
        return future.result()


def _measured(make: Make, options: dict[str, object]) -> Row:
    estimator, small, problem = make(**options)
    estimator.estimate(small)
    before, seconds, spikes = _peak(), list[float](), 0.0
    for _ in range(REPEATS):
        begin = time.process_time()
        spikes = estimator.estimate(problem).spikes
        seconds.append(time.process_time() - begin)
    return {
        "seconds": min(seconds), "memory": _peak() - before, "peak": _peak(), "spikes": spikes,
        "samples": problem.stimulus.n_samples,
    }  # fmt: skip


def _peak() -> int:
    return UNIT * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
