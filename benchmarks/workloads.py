"""The workloads that every engine is measured on."""

from __future__ import annotations

from spikeproof import Problem
from spikeproof.yin_yang import yin_yang, yin_yang_problem

BATCH = 200


def w1(batch: int = BATCH) -> Problem:
    """W1: the Yin-Yang network, 5-200-3, with the paper's initialisation, T = 60 ms, first-spike cross-entropy."""
    samples, labels = yin_yang(batch, seed=42)
    return yin_yang_problem(samples, labels, seed=0)
