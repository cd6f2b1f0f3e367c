"""The expected answers, computed by the reference engine and kept on disk under a digest of the question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spikeproof.atomic import replacing
from spikeproof_reference import MpEngine
from spikeproof_reports.bench.suite import Suite

DPS = 30


def reference_answer(suite: Suite, work: Any, folder: Path) -> Any:
    """The answer of the mp engine to `work`, rounded to binary64; computed once and kept in `folder`."""
    path = folder / f"{suite.work.digest(work)}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        answer = _solved(suite, work)
        with replacing(path) as temporary:
            suite.work.save_answer(answer, temporary)
    return suite.work.load_answer(path)


def _solved(suite: Suite, work: Any) -> Any:
    problem = suite.problem.problem_of(work)
    solution = MpEngine(dps=DPS).solve(problem.dense())
    spikes = solution.spikes
    gradients = {}
    if solution.gradients is not None:
        own = solution.gradients.at_synapses(problem.network)
        gradients = {name: w.astype(np.float64) for name, w in own.weights.items()}
    loss = None if solution.loss is None else float(solution.loss)
    return suite.work.Answer(spikes.times.astype(np.float64), spikes.neurons, spikes.samples(), loss, gradients)
